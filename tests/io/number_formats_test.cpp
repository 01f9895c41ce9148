// Half and float: there and back, and what lies between.
#include "../catch.hpp"
#include "../values.hpp"

#include <ugatit/io/number_formats.hpp>

using namespace ugatit;

TEST_CASE("every half survives the way through float", "[io]") {
  for (std::uint32_t bits = 0; bits < 0x10000U; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const float value = half_to_float(half);
    if (std::isnan(value)) {
      REQUIRE(std::isnan(half_to_float(float_to_half(value))));
    } else {
      REQUIRE(float_to_half(value) == half);
    }
  }
}

TEST_CASE("a float becomes the nearest half, the even one of two", "[io]") {
  for (std::uint16_t half = 0; half < 0x7bffU; ++half) {
    const float low = half_to_float(half);
    const float high = half_to_float(static_cast<std::uint16_t>(half + 1));
    const float middle = (low + high) / 2;
    const auto even = static_cast<std::uint16_t>(half % 2 == 0 ? half : half + 1);
    REQUIRE(float_to_half(middle) == even);
    REQUIRE(float_to_half(std::nextafter(middle, low)) == half);
    REQUIRE(float_to_half(std::nextafter(middle, high)) == half + 1);
    REQUIRE(float_to_half(-middle) == (even | 0x8000U));
  }
  CHECK(float_to_half(65519.9F) == 0x7bffU);
  CHECK(float_to_half(65520.0F) == 0x7c00U);
  CHECK(float_to_half(-1e30F) == 0xfc00U);
  CHECK(float_to_half(INFINITY) == 0x7c00U);
  CHECK(float_to_half(1e-10F) == 0);
}
