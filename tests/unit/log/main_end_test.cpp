#include <catch2/catch.hpp>

#include "sidecars/log/main_end.hpp"

using namespace tandem::shipper;
using namespace std::chrono_literals;

namespace {

PodSight sight(std::uint64_t activity, std::size_t written, std::size_t writers, std::size_t unknown = 0) {
  PodSight one;
  one.activity = activity;
  one.settled = true;
  one.writers.written = written;
  one.writers.writers = writers;
  one.writers.unknown = unknown;
  if (unknown > 0) one.writers.unknown_path = "/logs/app.log";
  return one;
}

Time at(std::chrono::seconds after) { return Time{} + 1h + after; }

}  // namespace

TEST_CASE("the main containers have ended when nobody writes for the quiet time") {
  MainEnd end(10s);
  CHECK_FALSE(end.has_come(sight(1, 1, 1), at(0s)));
  CHECK_FALSE(end.has_come(sight(1, 1, 1), at(60s)));
  CHECK_FALSE(end.has_come(sight(1, 1, 0), at(61s)));
  CHECK_FALSE(end.has_come(sight(1, 1, 0), at(69s)));
  CHECK(end.has_come(sight(1, 1, 0), at(70s)));
}

TEST_CASE("they have not while nothing was ever written, however long that is") {
  MainEnd end(10s);
  for (int i = 0; i < 100; ++i) CHECK_FALSE(end.has_come(sight(0, 0, 0), at(std::chrono::seconds(i * 10))));
  // A writer that wrote nothing counts too.
  CHECK_FALSE(end.has_come(sight(0, 0, 1), at(1000s)));
  CHECK(end.has_come(sight(0, 0, 0), at(1010s)));
}

TEST_CASE("something written, or something not yet shipped, begins the quiet time anew") {
  MainEnd end(10s);
  CHECK_FALSE(end.has_come(sight(1, 1, 0), at(0s)));
  CHECK_FALSE(end.has_come(sight(2, 1, 0), at(9s)));
  PodSight unsettled = sight(2, 1, 0);
  unsettled.settled = false;
  CHECK_FALSE(end.has_come(unsettled, at(18s)));
  CHECK_FALSE(end.has_come(sight(2, 1, 0), at(27s)));
  CHECK(end.has_come(sight(2, 1, 0), at(28s)));
}

TEST_CASE("where the kernel does not tell who writes they never have, and that is said once") {
  MainEnd end(10s);
  CHECK_FALSE(end.has_come(sight(1, 1, 0, 1), at(0s)));
  CHECK(end.take_doubt().empty());
  CHECK_FALSE(end.has_come(sight(1, 1, 0, 1), at(10s)));
  CHECK(end.take_doubt() == "/logs/app.log");
  CHECK_FALSE(end.has_come(sight(1, 1, 0, 1), at(20s)));
  CHECK(end.take_doubt().empty());
}
