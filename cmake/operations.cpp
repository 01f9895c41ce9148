// The CPU's operations, for our own programs, tests and benchmarks.
#include <ugatit/ugatit.hpp>

UGATIT_COMPILE_CPU(float)
UGATIT_COMPILE_CPU(double)
