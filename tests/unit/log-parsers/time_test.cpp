#include <catch2/catch.hpp>
#include <cstdlib>
#include <optional>

#include "sidecars/log/record/time_format.hpp"

using namespace tandem::shipper;

namespace {

constexpr std::int64_t s = 1'000'000'000;
constexpr std::int64_t ten = 1'795'341'600 * s;  // 2026-11-22T10:00:00Z

std::optional<std::int64_t> read(const std::string& format, std::string_view text, const std::string& zone = "",
                                 std::int64_t now = ten) {
  std::string problem;
  const auto time = make_time_format(format, zone, problem);
  REQUIRE(time);
  std::int64_t ns = 42;
  if (time->parse(text, now, ns)) return ns;
  CHECK(ns == 42);
  return std::nullopt;
}

}  // namespace

TEST_CASE("RFC 3339 times are read to the nanosecond", "[log]") {
  CHECK(read("rfc3339", "2026-11-22T10:00:00Z") == ten);
  CHECK(read("rfc3339", "2026-11-22t10:00:00z") == ten);
  CHECK(read("rfc3339", "2026-11-22 10:00:00.5Z") == ten + s / 2);
  CHECK(read("rfc3339", "2026-11-22T12:00:00.123456789+02:00") == ten + 123456789);
  CHECK(read("rfc3339", "2026-11-22T10:00:00.1234567899999Z") == ten + 123456789);
  CHECK(read("rfc3339", "2026-11-22 04:30:00,001 -0530") == ten + 1'000'000);
  CHECK(read("rfc3339", "2026-11-22T11:00:00+01") == ten);
  CHECK(read("rfc3339", "2026-11-22T09:59:60Z") == ten);
  CHECK(read("rfc3339", "1970-01-01T00:00:00Z") == 0);
  CHECK(read("rfc3339", "1969-12-31T23:59:59.999999999Z") == -1);
  CHECK(read("rfc3339", "2024-02-29T00:00:00Z") == 1'709'164'800 * s);
  CHECK(read("rfc3339", "2261-12-31T23:59:59Z") == 9'214'646'399 * s);
}

TEST_CASE("A time without an offset is in the zone that was given", "[log]") {
  CHECK(read("rfc3339", "2026-11-22T10:00:00") == ten);
  CHECK(read("rfc3339", "2026-11-22T12:00:00", "+02:00") == ten);
  CHECK(read("rfc3339", "2026-11-22T04:30:00", "-0530") == ten);
  CHECK(read("rfc3339", "2026-11-22T10:00:00Z", "+02:00") == ten);
}

TEST_CASE("The zone local is the process's", "[log]") {
  const char* const before = std::getenv("TZ");
  const std::string kept = before ? before : "";
  setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
  CHECK(read("rfc3339", "2026-11-22T11:00:00", "local") == ten);
  CHECK(read("rfc3339", "2026-07-22T12:00:00", "local") == read("rfc3339", "2026-07-22T10:00:00Z"));
  if (before)
    setenv("TZ", kept.c_str(), 1);
  else
    unsetenv("TZ");
  tzset();
}

TEST_CASE("What is no time of RFC 3339 is refused", "[log]") {
  for (const char* const text : {"",
                                 "2026",
                                 "2026-11-22",
                                 "2026-11-22T10:00",
                                 "2026-11-22T10:00:00.Z",
                                 "2026-11-22T10:00:00.",
                                 "2026-11-22T10:00:00Zx",
                                 "2026-11-22T10:00:00+2",
                                 "2026-11-22T10:00:00+02:0",
                                 "2026-11-22T10:00:00+24:00",
                                 "2026-11-22X10:00:00Z",
                                 "2026-13-22T10:00:00Z",
                                 "2026-00-22T10:00:00Z",
                                 "2026-11-31T10:00:00Z",
                                 "2026-02-29T10:00:00Z",
                                 "2026-11-00T10:00:00Z",
                                 "2026-11-22T24:00:00Z",
                                 "2026-11-22T10:60:00Z",
                                 "2026-11-22T10:00:61Z",
                                 "26-11-22T10:00:00Z",
                                 " 2026-11-22T10:00:00Z",
                                 "2026-11-22T10:00:00 ",
                                 "9999-11-22T10:00:00Z",
                                 "0000-01-01T00:00:00Z",
                                 "2026-11-2\xff"}) {
    INFO(text);
    CHECK_FALSE(read("rfc3339", text));
  }
}

TEST_CASE("Times of access logs are read", "[log]") {
  CHECK(read("clf", "22/Nov/2026:10:00:00 +0000") == ten);
  CHECK(read("clf", "22/nov/2026:02:00:00 -0800") == ten);
  CHECK_FALSE(read("clf", "22/Nov/2026:10:00:00"));
  CHECK_FALSE(read("clf", "22/Nox/2026:10:00:00 +0000"));
  CHECK_FALSE(read("clf", "31/Nov/2026:10:00:00 +0000"));
  CHECK_FALSE(read("clf", "[22/Nov/2026:10:00:00 +0000]"));
}

TEST_CASE("A syslog time is of the year that brings it nearest to now", "[log]") {
  CHECK(read("rfc3164", "Nov 22 10:00:00") == ten);
  CHECK(read("rfc3164", "Nov 22 12:00:00.250", "+02:00") == ten + s / 4);
  CHECK(read("rfc3164", "Nov  2 10:00:00") == ten - 20 * 86400 * s);
  const auto new_year = *read("rfc3339", "2027-01-01T00:00:05Z");
  CHECK(read("rfc3164", "Dec 31 23:59:59", "", new_year) == new_year - 6 * s);
  CHECK(read("rfc3164", "Jan  1 00:00:05", "", new_year - 10 * s) == new_year);
  CHECK(read("rfc3164", "Feb 29 00:00:00") == read("rfc3339", "2028-02-29T00:00:00Z"));
  CHECK_FALSE(read("rfc3164", "Feb 30 00:00:00"));
  CHECK_FALSE(read("rfc3164", "Nov 22 10:00"));
}

TEST_CASE("Counted seconds are exact, with and without a fraction", "[log]") {
  CHECK(read("unix", "1795341600") == ten);
  CHECK(read("unix", "1795341600.123456789123") == ten + 123456789);
  CHECK(read("unix", "-1.5") == -s - s / 2);
  CHECK(read("unix_ms", "1795341600001") == ten + 1'000'000);
  CHECK(read("unix_ms", "1795341600001.5") == ten + 1'500'000);
  CHECK(read("unix_us", "1795341600000001.25") == ten + 1250);
  CHECK(read("unix_ns", "1795341600000000001") == ten + 1);
  CHECK(read("unix_ns", "1.9") == 1);
  for (const char* const text : {"", "-", ".5", "1.", "1e9", "0x1", "1 ", "99999999999999999999", "9999999999999"}) {
    INFO(text);
    CHECK_FALSE(read("unix", text));
  }
}

TEST_CASE("A format or a zone that is not known is a problem", "[log]") {
  std::string problem;
  CHECK_FALSE(make_time_format("iso", "", problem));
  CHECK(problem.substr(0, 24) == "format: `iso` is none of");
  CHECK_FALSE(make_time_format("rfc3339", "Europe/Mars", problem));
  CHECK(problem ==
        "zone: `Europe/Mars` is none of UTC, local, an offset such as +02:00, and a zone such as Europe/Berlin");
}
