#include "pods/cli/print/age.hpp"

#include <catch2/catch.hpp>

using namespace tandem::print;
using namespace std::chrono_literals;

// The table of apimachinery's duration_test.go.
TEST_CASE("durations are shown as kubectl shows them") {
  constexpr auto day = 24h;
  const std::pair<std::chrono::milliseconds, const char*> cases[] = {
      {-3s, "<invalid>"},
      {-1500ms, "0s"},
      {0s, "0s"},
      {999ms, "0s"},
      {1s, "1s"},
      {70s, "70s"},
      {119s, "119s"},
      {120s, "2m"},
      {190s, "3m10s"},
      {10min, "10m"},
      {70min, "70m"},
      {179min, "179m"},
      {3h, "3h"},
      {3h + 20min, "3h20m"},
      {8h, "8h"},
      {47h, "47h"},
      {49h, "2d1h"},
      {7 * day + 5h, "7d5h"},
      {8 * day, "8d"},
      {700 * day, "700d"},
      {730 * day, "2y"},
      {800 * day, "2y70d"},
      {9 * 365 * day, "9y"},
  };
  for (const auto& [duration, expected] : cases) CHECK(duration_text(duration) == expected);
}

TEST_CASE("times of the API are read with and without a fraction, and nothing else is") {
  const auto time = parse_time("2026-11-22T10:35:00Z");
  REQUIRE(time);
  CHECK(parse_time("2026-11-22T10:35:00.250Z") == *time + 250ms);
  CHECK(parse_time("2026-11-22T10:35:00.250999999Z") == *time + 250ms);
  for (const char* text : {"", "2026-11-22", "2026-13-22T10:35:00Z", "2026-11-22T25:35:00Z", "2026-11-22T10:35:00",
                           "2026-11-22T10:35:00+01:00", "now"}) {
    CHECK_FALSE(parse_time(text));
  }
  CHECK(age_text("2026-11-22T10:35:00Z", *time + 5s) == "5s");
  CHECK(age_text("", *time) == "<unknown>");
  CHECK(date_text("2026-11-22T10:35:00Z") == "Sun, 22 Nov 2026 10:35:00 +0000");
}
