// Zone files of our own making, whole and damaged.
#include <catch2/catch.hpp>
#include <string>

#include "sidecars/log/record/time_zone.hpp"
#include "sidecars/log/record/zone_file.hpp"

using namespace tandem::shipper;

namespace {

std::string number(std::int64_t value, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i) & 0xff);
  return text;
}

// One change at `at` from +00:00 to +01:00.
std::string block(char version, std::int64_t at, int time_bytes, int leaps = 0) {
  std::string text = "TZif";
  text += version;
  text += std::string(15, '\0');
  for (const int count : {0, 0, leaps, 1, 2, 4}) text += number(count, 4);
  text += number(at, time_bytes) + '\1';
  text += number(0, 4) + std::string("\0\0", 2) + number(3600, 4) + std::string("\0\0", 2);
  text += std::string("ABC\0", 4);
  for (int i = 0; i < leaps; ++i) text += number(0, time_bytes + 4);
  return text;
}

std::string second_version(const std::string& rule) {
  return block('2', 1000, 4) + block('2', 10'000, 8) + "\n" + rule + "\n";
}

}  // namespace

TEST_CASE("Zone files of both versions are read", "[log]") {
  const auto old = decode_zone_file(block('\0', 1000, 4));
  REQUIRE(old);
  REQUIRE(old->changes.size() == 1);
  CHECK(old->changes[0].at == 1000);
  const auto file = decode_zone_file(second_version("ABC-1"));
  REQUIRE(file);
  CHECK(file->first_offset == 0);
  REQUIRE(file->changes.size() == 1);
  CHECK(file->changes[0].at == 10'000);
  CHECK(file->changes[0].offset == 3600);
  const TimeZone zone(*file);
  CHECK(zone.to_utc(9'999) == 9'999);
  CHECK(zone.to_utc(12'000) == 12'000);  // skipped
  CHECK(zone.to_utc(13'600) == 10'000);
  CHECK(decode_zone_file(second_version("")));
  CHECK(decode_zone_file(second_version("ABC-1ABD,M3.5.0,M10.5.0/3"))->changes.size() > 500);
}

TEST_CASE("A summer that lasts all year has one offset", "[log]") {
  ZoneHistory history;
  REQUIRE(add_zone_rule("XXX3EDT4,0/0,J365/23", history));
  const TimeZone zone(history);
  for (int day = 0; day < 800; ++day) CHECK(zone.to_utc(day * 86'400) == day * 86'400 + 4 * 3600);
}

TEST_CASE("Damaged zone files are refused at any byte", "[log]") {
  const std::string whole = second_version("ABC-1ABD,M3.5.0,M10.5.0/3");
  for (std::size_t length = 0; length < whole.size(); ++length) CHECK_FALSE(decode_zone_file(whole.substr(0, length)));
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (const int byte : {0x00, 0x7f, 0x80, 0xff}) {  // not read past its end, whatever comes out
      std::string damaged = whole;
      damaged[at] = static_cast<char>(byte);
      if (const auto history = decode_zone_file(damaged)) TimeZone(*history).to_utc(0);
    }
  CHECK_FALSE(decode_zone_file(block('\0', 1000, 4, 1)));
}

TEST_CASE("What is no rule is refused", "[log]") {
  for (const char* const rule : {"A", "ABC", "ABC25", "ABC1,", "ABC1DEF,", "ABC1DEF,M3.5.0", "ABC1DEF,M13.1.0,M3.1.0",
                                 "ABC1DEF,M3.6.0,M3.1.0", "ABC1DEF,M3.5.7,M3.1.0", "ABC1DEF,J0,J5", "ABC1DEF,J366,J5",
                                 "ABC1DEF,5,6x", "ABC1DEF,5/168,6", "<AB1", "ABC1:60"}) {
    INFO(rule);
    ZoneHistory history;
    CHECK_FALSE(add_zone_rule(rule, history));
    CHECK(history.changes.empty());
  }
}
