#include <catch2/catch.hpp>
#include <optional>

#include "sidecars/log/record/time_format.hpp"

using namespace tandem::shipper;

namespace {

constexpr std::int64_t s = 1'000'000'000;
constexpr std::int64_t ten = 1'795'341'600 * s;  // 2026-11-22T10:00:00Z

std::optional<std::int64_t> read(const std::string& pattern, std::string_view text, const std::string& zone = "") {
  std::string problem;
  const auto time = make_time_format(pattern, zone, problem);
  INFO(problem);
  REQUIRE(time);
  std::int64_t ns = 0;
  if (time->parse(text, ten, ns)) return ns;
  return std::nullopt;
}

std::string problem_of(const std::string& pattern) {
  std::string problem;
  CHECK_FALSE(make_time_format(pattern, "", problem));
  return problem;
}

}  // namespace

TEST_CASE("Patterns read what strptime reads, and fractions", "[log]") {
  CHECK(read("%Y-%m-%d %H:%M:%S.%f %z", "2026-11-22 12:00:00.25 +0200") == ten + s / 4);
  CHECK(read("%Y-%m-%d %H:%M:%S,%3N", "2026-11-22 10:00:00,007") == ten + 7'000'000);
  CHECK(read("%FT%T.%6N%z", "2026-11-22T10:00:00.000007Z") == ten + 7'000);
  CHECK(read("%F %T.%N", "2026-11-22 10:00:00.000000007") == ten + 7);
  CHECK(read("%F %T.%L", "2026-11-22 12:00:00.500", "+02:00") == ten + s / 2);
  CHECK(read("%a %b %e %H:%M:%S %Y", "Sun Nov 22 10:00:00 2026") == ten);
  CHECK(read("%A, %d %B %Y %I:%M %p %Z", "sunday, 22 november 2026 10:00 am GMT") == ten);
  CHECK(read("%d.%m.%y %H:%M", "22.11.26 10:00") == ten);
  CHECK(read("%D %R", "11/22/26 10:00") == ten);
  CHECK(read("%Y %j %H", "2026 326 10") == ten);
  CHECK(read("[%s.%3N]", "[1795341600.250]") == ten + s / 4);
  CHECK(read("%d %b %Y  %T", "2 Nov 2026    10:00:00") == ten - 20 * 86400 * s);
  CHECK(read("100%% %F", "100% 2026-11-22") == ten - 36000 * s);
}

TEST_CASE("What a pattern does not say is what is nearest to now", "[log]") {
  CHECK(read("%m/%d %T", "11/22 10:00:01") == ten + s);
  CHECK(read("%m/%d %T", "12/31 00:00:00") == ten + 38 * 86400 * s + 14 * 3600 * s);
  CHECK(read("%H:%M:%S", "10:00:05") == ten + 5 * s);
  CHECK(read("%H:%M:%S", "23:00:00") == ten - 11 * 3600 * s);
}

TEST_CASE("Twelve hours go from 12 am to 11 pm", "[log]") {
  const std::int64_t midnight = ten - 36000 * s;
  CHECK(read("%F %I:%M %p", "2026-11-22 12:30 AM") == midnight + 30 * 60 * s);
  CHECK(read("%F %I:%M %p", "2026-11-22 12:30 PM") == midnight + (12 * 60 + 30) * 60 * s);
  CHECK(read("%F %I:%M %p", "2026-11-22 11:30 pm") == midnight + (23 * 60 + 30) * 60 * s);
  CHECK_FALSE(read("%F %I:%M %p", "2026-11-22 13:30 pm"));
  CHECK_FALSE(read("%F %I:%M %p", "2026-11-22 00:30 am"));
}

TEST_CASE("A text that does not fit its pattern is no time", "[log]") {
  for (const char* const text :
       {"", "2026-11-22", "2026-11-22 10:00:00 ", "2026-11-22 10:00:00x", "2026-11-32 10:00:00", "2026-11-22 25:00:00",
        "x2026-11-22 10:00:00", "2026-0-22 10:00:00"}) {
    INFO(text);
    CHECK_FALSE(read("%Y-%m-%d %H:%M:%S", text));
  }
  CHECK_FALSE(read("%Y %j", "2026 366"));
  CHECK_FALSE(read("%F %Z", "2026-11-22 CET"));
  CHECK_FALSE(read("%T.%3N", "10:00:00.25"));
}

TEST_CASE("A pattern that makes no time is a problem", "[log]") {
  CHECK(problem_of("%F %Q") == "format: in `%F %Q`: `%Q` is not known");
  CHECK(problem_of("%F %") == "format: in `%F %`: `%` is not known");
  CHECK(problem_of("%F %3f") == "format: in `%F %3f`: `%3f` is not known: only %N takes a number of digits");
  CHECK(problem_of("%Y %d") == "format: in `%Y %d`: it has a day without a month (%m, %b)");
  CHECK(problem_of("%M:%S") == "format: in `%M:%S`: it has neither a date nor a time of day");
  CHECK(problem_of("%F %I:%M") == "format: in `%F %I:%M`: it has %I without %p");
}
