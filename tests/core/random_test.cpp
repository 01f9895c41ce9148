// Random numbers: the same for the same seed, always, and spread as they should be.
#include "catch.hpp"

#include <ugatit/core/random.hpp>

using namespace ugatit;

TEST_CASE("a seed means the same numbers with every compiler", "[random]") {
  Random random(42);
  CHECK(random.bits() == 0xc986fd807e5b8ab5U);
  CHECK(random.bits() == 0xe071ea15f19664d1U);
}

TEST_CASE("streams and indices of one seed differ", "[random]") {
  CHECK(Random(1, 0, 0).bits() != Random(1, 1, 0).bits());
  CHECK(Random(1, 0, 0).bits() != Random(1, 0, 1).bits());
  CHECK(Random(1, 1, 0).bits() != Random(1, 0, 1).bits());
}

TEST_CASE("numbers are spread as they should be", "[random]") {
  Random random(7);
  constexpr int count = 100000;
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < count; ++i) {
    const double uniform = random.uniform();
    REQUIRE((uniform >= 0 && uniform < 1));
    const std::int64_t whole = random.below(10);
    REQUIRE((whole >= 0 && whole < 10));
    const double normal = random.normal();
    sum += normal;
    squares += normal * normal;
  }
  CHECK(std::abs(sum / count) < 0.02);
  CHECK(squares / count == Approx(1).margin(0.03));
}
