#include "core/net/backoff.hpp"

#include <catch2/catch.hpp>
#include <set>

using namespace tandem::net;
using namespace std::chrono_literals;

TEST_CASE("the ceiling doubles up to the cap and never overflows") {
  BackoffPolicy policy{100ms, 30s, 2};
  CHECK(backoff_ceiling(policy, 0) == 100ms);
  CHECK(backoff_ceiling(policy, 3) == 800ms);
  CHECK(backoff_ceiling(policy, 20) == 30s);
  CHECK(backoff_ceiling(policy, 4'000'000'000u) == 30s);
}

TEST_CASE("each wait lies below its ceiling, differs from the others, and starts low after a reset") {
  Backoff backoff({}, 42);
  std::set<long> seen;
  for (unsigned i = 0; i < 200; ++i) {
    auto wait = backoff.next();
    CHECK(wait >= 0ms);
    CHECK(wait <= backoff_ceiling({}, i));
    seen.insert(wait.count());
  }
  CHECK(seen.size() > 150);
  backoff.reset();
  CHECK(backoff.next() <= 100ms);
}

TEST_CASE("the same seed gives the same waits, and no seed gives others") {
  Backoff one({}, 7), two({}, 7), random_one, random_two;
  bool differs = false;
  for (int i = 0; i < 30; ++i) {
    CHECK(one.next() == two.next());
    if (random_one.next() != random_two.next()) differs = true;
  }
  CHECK(differs);
}
