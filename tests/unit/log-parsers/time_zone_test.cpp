// Zones by name, and `local`: what the database and glibc say.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <optional>
#include <random>

#include "sidecars/log/record/time_format.hpp"
#include "sidecars/log/record/time_zone.hpp"
#include "tests/support/skip.hpp"

using namespace tandem::shipper;

namespace {

constexpr std::int64_t now = 1'795'341'600'000'000'000;  // 2026-11-22T10:00:00Z
const std::string folder = "/usr/share/zoneinfo";

class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name), had_(std::getenv(name)) {
    if (had_) before_ = std::getenv(name);
    set(value);
  }
  ~Variable() {
    had_ ? setenv(name_, before_.c_str(), 1) : unsetenv(name_);
    tzset();
  }
  void set(const std::string& value) {
    setenv(name_, value.c_str(), 1);
    tzset();
  }

 private:
  const char* name_;
  bool had_;
  std::string before_;
};

bool has_database() {
  if (std::filesystem::exists(folder + "/Europe/Berlin")) return true;
  tandem::test::skip("Debian's tzdata is not installed");
  return false;
}

std::optional<std::int64_t> read(const std::string& text, const std::string& zone,
                                 const std::string& format = "rfc3339") {
  std::string problem;
  const auto time = make_time_format(format, zone, problem);
  INFO(problem);
  REQUIRE(time);
  std::int64_t ns = 0;
  if (!time->parse(text, now, ns)) return std::nullopt;
  return ns;
}

std::string problem_of(const std::string& zone) {
  std::string problem;
  CHECK_FALSE(make_time_format("rfc3339", zone, problem));
  return problem;
}

}  // namespace

TEST_CASE("A zone is known by its name, in the past and in the future", "[log]") {
  if (!has_database()) return;
  const struct {
    const char *zone, *clock, *utc;
  } rows[] = {{"Europe/Berlin", "2026-11-22T11:00:00", "2026-11-22T10:00:00Z"},
              {"Europe/Berlin", "2026-07-01T12:00:00.5", "2026-07-01T10:00:00.5Z"},
              {"Europe/Berlin", "1945-07-01T12:00:00", "1945-07-01T09:00:00Z"},
              {"Europe/Berlin", "1893-03-01T00:53:28", "1893-03-01T00:00:00Z"},
              {"Europe/Berlin", "2100-07-01T12:00:00", "2100-07-01T10:00:00Z"},
              {"Europe/Berlin", "2261-01-01T12:00:00", "2261-01-01T11:00:00Z"},
              {"Europe/Dublin", "2100-07-01T12:00:00", "2100-07-01T11:00:00Z"},
              {"Europe/Dublin", "2100-01-01T12:00:00", "2100-01-01T12:00:00Z"},
              {"America/New_York", "2200-07-01T12:00:00", "2200-07-01T16:00:00Z"},
              {"Australia/Sydney", "2150-01-01T12:00:00", "2150-01-01T01:00:00Z"},
              {"Asia/Kathmandu", "2026-01-01T05:45:00", "2026-01-01T00:00:00Z"},
              {"Etc/GMT+5", "2026-01-01T00:00:00", "2026-01-01T05:00:00Z"}};
  for (const auto& row : rows) {
    INFO(row.zone << " " << row.clock);
    CHECK(read(row.clock, row.zone) == read(row.utc, ""));
  }
  CHECK(read("2026-07-01T12:00:00+05:00", "Europe/Berlin") == read("2026-07-01T07:00:00Z", ""));
  CHECK(read("Jul 22 12:00:00", "Europe/Berlin", "rfc3164") == read("2026-07-22T10:00:00Z", ""));
  CHECK(read("22.07.2026 12:00", "Europe/Berlin", "%d.%m.%Y %H:%M") == read("2026-07-22T10:00:00Z", ""));
}

TEST_CASE("Of a time that is shown twice the first is meant", "[log]") {
  if (!has_database()) return;
  CHECK(read("2026-10-25T01:59:59", "Europe/Berlin") == read("2026-10-24T23:59:59Z", ""));
  CHECK(read("2026-10-25T02:00:00", "Europe/Berlin") == read("2026-10-25T00:00:00Z", ""));
  CHECK(read("2026-10-25T02:59:59", "Europe/Berlin") == read("2026-10-25T00:59:59Z", ""));
  CHECK(read("2026-10-25T03:00:00", "Europe/Berlin") == read("2026-10-25T02:00:00Z", ""));
  CHECK(read("2100-10-31T02:30:00", "Europe/Berlin") == read("2100-10-31T00:30:00Z", ""));
}

TEST_CASE("A time that is skipped is as if the clock had not been put forward yet", "[log]") {
  if (!has_database()) return;
  CHECK(read("2026-03-29T01:59:59", "Europe/Berlin") == read("2026-03-29T00:59:59Z", ""));
  CHECK(read("2026-03-29T02:30:00", "Europe/Berlin") == read("2026-03-29T01:30:00Z", ""));
  CHECK(read("2026-03-29T03:00:00", "Europe/Berlin") == read("2026-03-29T01:00:00Z", ""));
  CHECK(read("2026-03-29T03:30:00", "Europe/Berlin") == read("2026-03-29T02:30:00", "Europe/Berlin"));
  CHECK(read("2100-03-28T02:30:00", "Europe/Berlin") == read("2100-03-28T01:30:00Z", ""));
}

TEST_CASE("Every zone agrees with glibc, whatever was asked before", "[log]") {
  if (!has_database()) return;
  std::mt19937_64 random(1);
  std::uniform_int_distribution<std::int64_t> moments(-2'100'000'000, 7'200'000'000);  // 1903 to 2198
  Variable tz("TZ", "UTC");
  int zones = 0;
  std::ifstream table(folder + "/tzdata.zi");
  for (std::string line; std::getline(table, line);) {
    if (!line.starts_with("Z ")) continue;
    const std::string name = line.substr(2, line.find(' ', 2) - 2);
    std::string problem;
    const auto zone = find_time_zone(name, problem);
    INFO(name << problem);
    REQUIRE(zone);
    tz.set(name);
    ++zones;
    for (int i = 0; i < 200; ++i) {
      const std::time_t moment = moments(random);
      std::tm shown{}, again{};
      REQUIRE(localtime_r(&moment, &shown));
      std::tm copy = shown;
      const std::int64_t clock = timegm(&copy);
      const std::time_t found = zone->to_utc(clock);
      REQUIRE(localtime_r(&found, &again));
      const std::int64_t clock_again = timegm(&again);
      INFO(moment << " " << found);
      REQUIRE(clock_again == clock);
      REQUIRE(found <= moment);
    }
  }
  CHECK(zones > 300);
}

TEST_CASE("The zone local is what TZ says", "[log]") {
  Variable tz("TZ", "CET-1CEST,M3.5.0,M10.5.0/3");
  CHECK(read("2026-10-25T02:30:00", "local") == read("2026-10-25T00:30:00Z", ""));
  CHECK(read("1700-07-01T12:00:00", "local") == read("1700-07-01T10:00:00Z", ""));
  tz.set("<+03>-3");
  CHECK(read("2026-10-25T02:30:00", "local") == read("2026-10-24T23:30:00Z", ""));
  tz.set("");
  CHECK(read("2026-10-25T02:30:00", "local") == read("2026-10-25T02:30:00Z", ""));
  tz.set("Mars");
  CHECK(problem_of("local").starts_with("zone: of `local`: TZ says `Mars` is none of"));
  if (!has_database()) return;
  tz.set(":Europe/Berlin");
  CHECK(read("2026-07-01T12:00:00", "local") == read("2026-07-01T10:00:00Z", ""));
  tz.set(folder + "/Asia/Tokyo");
  CHECK(read("2026-07-01T12:00:00", "local") == read("2026-07-01T03:00:00Z", ""));
}

TEST_CASE("A name that is no zone's is a problem, and so is a missing database", "[log]") {
  for (const char* const name : {"Mars", "../../../etc/passwd", "/etc/localtime", "Europe", "Europe/", "+2", "a b"}) {
    INFO(name);
    CHECK(problem_of(name).find("is none of UTC, local, an offset such as +02:00, and a zone such as Europe/Berlin") !=
          std::string::npos);
  }
  const Variable dir("TZDIR", "/nowhere/zones");
  CHECK(problem_of("Europe/Berlin") ==
        "zone: `Europe/Berlin` cannot be looked up: there is no folder /nowhere/zones here");
}
