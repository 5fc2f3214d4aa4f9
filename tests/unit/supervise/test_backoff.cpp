#include <catch2/catch.hpp>

#include "pods/supervise/backoff.hpp"

using namespace tandem;
using namespace tandem::supervise;
using namespace std::chrono_literals;

TEST_CASE("the first end restarts at once, later ones after 10 s doubling to 5 min, as kubelet's") {
  state::ContainerRecord record;
  Time now{1'700'000'000'000ms};
  for (const auto expected : {0s, 10s, 20s, 40s, 80s, 160s, 300s, 300s}) {
    const Time until = backoff_until(record, now);
    CHECK(until - now == expected);
    advance_backoff(record, now, until);
    now = until + 1s;
  }
}

TEST_CASE("a run of more than ten minutes forgets the past") {
  state::ContainerRecord record;
  const Time start{1'700'000'000'000ms};
  advance_backoff(record, start, start);
  advance_backoff(record, start + 1s, start + 11s);
  CHECK(backoff_until(record, start + 12s) == start + 12s + 20s);
  CHECK(backoff_until(record, start + 11s + 10min) == start + 11s + 10min + 20s);
  const Time late = start + 11s + 10min + 1ms;
  CHECK(backoff_until(record, late) == late);
  advance_backoff(record, late, late);
  CHECK(record.backoff_delay == 10s);
}
