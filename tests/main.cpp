// Catch2 2.13 has its main function in the header.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
