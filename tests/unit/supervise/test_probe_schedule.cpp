#include <catch2/catch.hpp>

#include "pods/supervise/probe_schedule.hpp"

using namespace tandem;
using namespace tandem::supervise;
using namespace std::chrono_literals;
using Verdict = ProbeSchedule::Verdict;

namespace {
const Time start{1'700'000'000'000ms};
}

TEST_CASE("the first run comes after the initial delay, the next ones a period apart") {
  plan::Probe probe;
  probe.initial_delay = 5s;
  probe.period = 10s;
  ProbeSchedule schedule;
  CHECK_FALSE(schedule.active());
  schedule.begin(probe, start, start);
  CHECK_FALSE(schedule.due(start + 4999ms));
  REQUIRE(schedule.due(start + 5s));
  schedule.run(start + 5s);
  CHECK_FALSE(schedule.due(start + 1h));  // under way
  CHECK_FALSE(schedule.next().has_value());
  schedule.on_result(true, start + 6s);
  CHECK(schedule.next() == start + 15s);
}

TEST_CASE("a run longer than its period is followed by the next at once") {
  plan::Probe probe;
  probe.period = 1s;
  ProbeSchedule schedule;
  schedule.begin(probe, start, start);
  schedule.run(start);
  schedule.on_result(false, start + 5s);
  CHECK(schedule.next() == start + 5s);
}

TEST_CASE("an initial delay that has passed since the container's start is not waited for again") {
  plan::Probe probe;
  probe.initial_delay = 5s;
  ProbeSchedule schedule;
  schedule.begin(probe, start, start + 20s);
  CHECK(schedule.due(start + 20s));
}

TEST_CASE("results count only in a row") {
  plan::Probe probe;
  probe.success_threshold = 2;
  probe.failure_threshold = 3;
  ProbeSchedule schedule;
  schedule.begin(probe, start, start);
  const auto result = [&](bool ok) {
    schedule.run(start);
    return schedule.on_result(ok, start);
  };
  CHECK(result(true) == Verdict::none);
  CHECK(result(false) == Verdict::none);
  CHECK(result(true) == Verdict::none);
  CHECK(result(true) == Verdict::success);
  CHECK(result(true) == Verdict::success);
  CHECK(result(false) == Verdict::none);
  CHECK(result(false) == Verdict::none);
  CHECK(result(false) == Verdict::failure);
  CHECK(result(true) == Verdict::none);
}

TEST_CASE("a result after stop says nothing") {
  plan::Probe probe;
  ProbeSchedule schedule;
  schedule.begin(probe, start, start);
  schedule.run(start);
  schedule.stop();
  CHECK(schedule.on_result(true, start) == Verdict::none);
}
