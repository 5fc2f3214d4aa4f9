#include "sidecars/log/lag.hpp"

#include <catch2/catch.hpp>

using namespace tandem::shipper;
using namespace std::chrono_literals;

namespace {

const Lag::Time start{1000s};

}  // namespace

TEST_CASE("a file lags since its first unacknowledged byte was seen") {
  Lag lag;
  CHECK_FALSE(lag.since(0));
  lag.saw(100, start);
  lag.saw(200, start + 1s);
  CHECK(lag.since(0) == start);
  CHECK(lag.since(100) == start + 1s);
  CHECK_FALSE(lag.since(200));
  lag.forget(100);
  CHECK(lag.since(100) == start + 1s);
  lag.forget(200);
  lag.saw(250, start + 5s);
  CHECK(lag.since(200) == start + 5s);
}

TEST_CASE("a long lag is known to a sixty-fourth, in little memory") {
  Lag lag;
  for (std::uint64_t i = 1; i <= 100'000; ++i) lag.saw(i, start + i * 100ms);
  for (const std::uint64_t acknowledged : {0, 5'000, 50'000, 99'000}) {
    const auto since = lag.since(acknowledged);
    REQUIRE(since);
    const auto exact = start + (acknowledged + 1) * 100ms;
    CHECK(*since <= exact);
    CHECK(exact - *since < 10'000s / 30);
  }
}
