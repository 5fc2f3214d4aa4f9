#include "core/config/units.hpp"

#include <catch2/catch.hpp>

using namespace tandem;
using namespace std::chrono_literals;

TEST_CASE("sizes read as Kubernetes' quantities") {
  const auto bytes = [](std::string_view text) { return parse_bytes(text).value_or(Bytes{-1}).value; };
  CHECK(bytes("128974848") == 128974848);
  CHECK(bytes("129e6") == 129000000);
  CHECK(bytes("129M") == 129000000);
  CHECK(bytes("123Mi") == 128974848);
  CHECK(bytes("0.5Gi") == 536870912);
  CHECK(bytes("128974848000m") == 128974848);
  CHECK(bytes("1m") == 1);  // rounded up
  CHECK(bytes("7Ei") == 8070450532247928832);
  CHECK(bytes("0") == 0);
  for (const char* bad : {"", "Mi", "1mi", "1 Mi", "1MiB", "8Ei", "1e30", "1e400", "--1", "0x10", "1.2.3"}) {
    INFO(bad);
    CHECK_FALSE(parse_bytes(bad));
  }
}

TEST_CASE("CPU reads in thousandths, rounded up") {
  const auto cores = [](std::string_view text) { return parse_millicores(text).value_or(Millicores{-1}).value; };
  CHECK(cores("100m") == 100);
  CHECK(cores("2") == 2000);
  CHECK(cores("0.1") == 100);
  CHECK(cores("0.0001") == 1);
  CHECK(cores("1u") == 1);
  CHECK(cores("1k") == 1000000);
  CHECK_FALSE(parse_millicores("100mm"));
}

TEST_CASE("durations read as Go writes them") {
  CHECK(parse_duration("1m30s") == 90s);
  CHECK(parse_duration("300ms") == 300ms);
  CHECK(parse_duration("1.5h") == 90min);
  CHECK(parse_duration("0") == 0s);
  CHECK(parse_duration("-2s") == -2s);
  for (const char* bad : {"", "5", "5 s", "s", "1d", "1m-30s", "999999999h"}) {
    INFO(bad);
    CHECK_FALSE(parse_duration(bad));
  }
}

TEST_CASE("units print what they read") {
  CHECK(to_string(Bytes{64 << 20}) == "64Mi");
  CHECK(to_string(Bytes{1500}) == "1500");
  CHECK(to_string(Millicores{250}) == "250m");
  CHECK(to_string(Millicores{2000}) == "2");
  CHECK(to_string(std::chrono::nanoseconds(90s)) == "1m30s");
  CHECK(to_string(std::chrono::nanoseconds(300ms)) == "300ms");
  CHECK(to_string(std::chrono::nanoseconds(0)) == "0s");
}
