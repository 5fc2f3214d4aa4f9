#include <catch2/catch.hpp>
#include <cstdlib>

#include "tests/unit/supervise/simulated_world.hpp"

using namespace tandem::supervise::test;

// TANDEM_LIVES: how many instead of 1000, which take a quarter of a minute under sanitizers.
TEST_CASE("a thousand random lives of pods break no promise") {
  const char* wanted = std::getenv("TANDEM_LIVES");
  const unsigned lives = wanted ? static_cast<unsigned>(std::atoi(wanted)) : 1000;
  std::size_t starts = 0;
  for (unsigned seed = 1; seed <= lives; ++seed) {
    SimulatedWorld world(seed);
    const std::string broken = world.run();
    INFO("seed " << seed);
    REQUIRE(broken == "");
    starts += world.starts();
  }
  CHECK(starts > 5 * lives);  // the worlds are not all empty
}
