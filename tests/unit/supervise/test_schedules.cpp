#include <catch2/catch.hpp>

#include "tests/unit/supervise/simulated_world.hpp"

using namespace tandem::supervise::test;

TEST_CASE("thousands of random lives of pods break no promise") {
  std::size_t starts = 0;
  for (unsigned seed = 1; seed <= 4000; ++seed) {
    SimulatedWorld world(seed);
    const std::string broken = world.run();
    INFO("seed " << seed);
    REQUIRE(broken == "");
    starts += world.starts();
  }
  CHECK(starts > 20000);  // the worlds are not all empty
}
