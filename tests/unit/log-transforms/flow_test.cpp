#include <catch2/catch.hpp>

#include "sidecars/log/transform/recent_keys.hpp"
#include "tests/unit/log-transforms/transforms.hpp"

using namespace tandem;
using tests::make_transform;

namespace {

constexpr std::int64_t second = 1'000'000'000;

// Applied to a record of this message and time; the event is left for a look at it.
bool goes_on(tests::MadeTransform& made, shipper::Event& event, std::string_view message, std::int64_t time_ns = 0,
             std::uint64_t offset = 0) {
  event.clear();
  event.file = {1, 2};
  event.offset = offset;
  event.time_ns = time_ns;
  event.set("message", message);
  return made.apply(event);
}

int sampled(const std::string& rate, int records) {
  auto sample = make_transform("sample", "rate: " + rate);
  REQUIRE(sample.problems == "");
  shipper::Event event;
  int on = 0;
  for (int i = 0; i < records; ++i) on += goes_on(sample, event, "same", 0, static_cast<std::uint64_t>(i) * 212);
  return on;
}

}  // namespace

TEST_CASE("sample lets the part of the records through that its rate says") {
  CHECK(sampled("0", 10000) == 0);
  CHECK(sampled("1", 10000) == 10000);
  CHECK(std::abs(sampled("0.1", 100000) - 10000) < 500);
  CHECK(std::abs(sampled("1/10", 100000) - 10000) < 500);
  CHECK(std::abs(sampled("\"2/3\"", 100000) - 66667) < 800);
  CHECK(std::abs(sampled("0.001", 100000) - 100) < 60);
}

TEST_CASE("sample decides a record the same way each time, and another sample decides for itself") {
  auto one = make_transform("sample", "rate: 0.5", nullptr, "out", "half");
  auto again = make_transform("sample", "rate: 0.5", nullptr, "other", "half");
  auto other = make_transform("sample", "rate: 0.5", nullptr, "out", "half again");
  shipper::Event event;
  int both = 0;
  for (std::uint64_t i = 0; i < 10000; ++i) {
    const bool on = goes_on(one, event, "m", 5, i);
    REQUIRE(on == goes_on(again, event, "other text", 6, i));
    both += on && goes_on(other, event, "m", 5, i);
  }
  CHECK(std::abs(both - 2500) < 250);
}

TEST_CASE("sample by a field lets all records of a value through, or none") {
  auto sample = make_transform("sample", "{rate: 0.5, by: message}");
  shipper::Event event;
  int on = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::string trace = "trace " + std::to_string(i);
    const bool first = goes_on(sample, event, trace, 0, 1);
    for (std::uint64_t offset = 2; offset < 5; ++offset) REQUIRE(goes_on(sample, event, trace, 0, offset) == first);
    on += first;
  }
  CHECK(std::abs(on - 500) < 80);
}

TEST_CASE("sample refuses rates that are none") {
  for (const char* rate : {"10", "-0.1", "\"3/2\"", "\"1/0\"", "\"1/\"", "abc", "[1]", ".nan", "\"1/2/3\""})
    CHECK(make_transform("sample", std::string("rate: ") + rate).problems.find("a rate from 0 to 1 is wanted") !=
          std::string::npos);
  CHECK(make_transform("sample", "{}").problems.find("the field \"rate\" is missing") != std::string::npos);
}

TEST_CASE("rateLimit lets a burst through, then as many as its rate gives") {
  auto limit = make_transform("rateLimit", "{limit: 10, per: 1s, burst: 3}");
  REQUIRE(limit.problems == "");
  shipper::Event event;
  int on = 0;
  for (int i = 0; i < 100; ++i) on += goes_on(limit, event, "m", 5 * second);
  CHECK(on == 3);
  CHECK(goes_on(limit, event, "m", 5 * second + second / 10));
  CHECK_FALSE(goes_on(limit, event, "m", 5 * second + second / 10 + 1));
  on = 0;
  for (int i = 0; i < 1000; ++i) on += goes_on(limit, event, "m", 6 * second + i * second / 100);
  CHECK(std::abs(on - 102) <= 1);  // 3 at once and 10 a second for 10 s
}

TEST_CASE("rateLimit has a limit for each value of its key, and is not moved by time that steps back") {
  auto limit = make_transform("rateLimit", "{key: message, limit: 2, per: 1m}");
  REQUIRE(limit.problems == "");
  shipper::Event event;
  CHECK(goes_on(limit, event, "a", 100 * second));
  CHECK(goes_on(limit, event, "b", 100 * second));
  CHECK(goes_on(limit, event, "a", 100 * second));
  CHECK_FALSE(goes_on(limit, event, "a", 20 * second));
  CHECK_FALSE(goes_on(limit, event, "a", 100 * second));
  CHECK(goes_on(limit, event, "b", 20 * second));
  CHECK(goes_on(limit, event, "a", 131 * second));
}

TEST_CASE("rateLimit by several fields tells a missing one from an empty one") {
  auto limit = make_transform("rateLimit", "{key: [message, level], limit: 1, per: 1h}");
  REQUIRE(limit.problems == "");
  shipper::Event event;
  CHECK(goes_on(limit, event, "ab"));
  event.clear();
  event.set("message", "ab");
  event.set("level", "");
  CHECK(limit.apply(event));
  event.clear();
  event.set("message", "a");
  event.set("level", "b");
  CHECK(limit.apply(event));
  CHECK_FALSE(limit.apply(event));
}

TEST_CASE("rateLimit says what is missing") {
  CHECK(make_transform("rateLimit", "{}").problems.find("the field \"limit\" is missing") != std::string::npos);
  CHECK(make_transform("rateLimit", "limit: 0").problems.find("out of range") != std::string::npos);
  CHECK(make_transform("rateLimit", "{limit: 1, per: 0}").problems.find("must be more than 0") != std::string::npos);
  CHECK(make_transform("rateLimit", "{limit: 1, key: 5}").problems.find("a string is wanted") != std::string::npos);
}

TEST_CASE("deduplicate lets a record through once in its time, and says then how many it was") {
  auto deduplicate = make_transform("deduplicate", "{within: 10s, count: true}");
  REQUIRE(deduplicate.problems == "");
  shipper::Event event;
  CHECK(goes_on(deduplicate, event, "a", 100 * second));
  CHECK(tests::show(event) == "message=a");
  CHECK(goes_on(deduplicate, event, "b", 100 * second));
  CHECK_FALSE(goes_on(deduplicate, event, "a", 101 * second));
  CHECK_FALSE(goes_on(deduplicate, event, "a", 109 * second));
  CHECK_FALSE(goes_on(deduplicate, event, "a", 95 * second));
  CHECK(goes_on(deduplicate, event, "a", 110 * second));
  CHECK(tests::show(event) == "message=a repeated:3");
  CHECK(goes_on(deduplicate, event, "a", 120 * second));
  CHECK(tests::show(event) == "message=a");
  CHECK(make_transform("deduplicate", "within: 0").problems.find("must be more than 0") != std::string::npos);
  CHECK(make_transform("deduplicate", "fields: []").problems.find("a field's name is wanted") != std::string::npos);
}

TEST_CASE("keys that were not seen for the longest time make room, and no more are kept than were allowed") {
  shipper::RecentKeys<int> keys(3);
  for (const std::uint64_t key : {1, 2, 3}) keys.add(key, static_cast<int>(key));
  REQUIRE(keys.find(1));
  keys.add(4, 4);
  CHECK(keys.size() == 3);
  CHECK_FALSE(keys.find(2));
  CHECK(*keys.find(1) == 1);
  CHECK(*keys.find(4) == 4);
  for (std::uint64_t key = 10; key < 1000; ++key) keys.add(key, 0);
  CHECK(keys.size() == 3);
}
