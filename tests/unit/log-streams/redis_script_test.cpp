#include "sidecars/log/sinks/redis_script.hpp"

#include <catch2/catch.hpp>

#include "ambassador/redis/slot.hpp"
#include "core/os/error.hpp"
#include "sidecars/log/encode/redis_format.hpp"
#include "tests/unit/log-streams/batches.hpp"

using namespace tandem::shipper;
using namespace tandem::test;

namespace {

const FileId one{0, 1}, two{0, 2};

std::vector<std::string> strings_of(std::string_view resp) {
  std::vector<std::string> all;
  while (!resp.empty()) {
    const auto line = resp.find("\r\n");
    REQUIRE(resp.starts_with('$'));
    REQUIRE(line != resp.npos);
    const auto size = static_cast<std::size_t>(std::stoul(std::string(resp.substr(1, line - 1))));
    REQUIRE(resp.substr(line + 2 + size, 2) == "\r\n");
    all.emplace_back(resp.substr(line + 2, size));
    resp.remove_prefix(line + 4 + size);
  }
  return all;
}

// "FILE BEGIN-END: OFFSET OFFSET" for each part.
struct Call {
  std::vector<std::string> keys, parts;
  std::size_t bytes = 0, records = 0;
  std::string remember, max_length;
};

std::vector<Call> calls_of(const Batch& batch, const RedisStream& settings = {"logs", 500, std::chrono::hours(1)}) {
  RedisCalls calls(settings, "p:", batch);
  std::vector<Call> all;
  Buffer arguments;
  std::size_t count = 0;
  while (calls.next(arguments, count)) {
    const auto strings = strings_of(arguments.view());
    CHECK(strings.size() == count);
    Call& call = all.emplace_back();
    call.bytes = arguments.size();
    std::size_t at = 1;
    for (std::size_t keys = std::stoul(strings[0]); keys > 0; --keys) call.keys.push_back(strings.at(at++));
    call.remember = strings.at(at++);
    call.max_length = strings.at(at++);
    for (std::size_t key = 1; key < call.keys.size(); ++key) {
      std::string part =
          call.keys[key].substr(call.keys[key].size() - 1) + " " + strings.at(at) + "-" + strings.at(at + 1);
      part += ":";
      const std::size_t records = std::stoul(strings.at(at + 2));
      at += 3;
      for (std::size_t i = 0; i < records; ++i, ++call.records) {
        part += " " + strings.at(at);
        at += 2 + std::stoul(strings.at(at + 1));
      }
      call.parts.push_back(part);
    }
    CHECK(at == strings.size());
  }
  return all;
}

Batch batch_with(const std::vector<Piece>& pieces, std::size_t size = 10) {
  return batch_of(*make_redis_format(RedisEntry::json), pieces, size);
}

}  // namespace

TEST_CASE("a batch of two files is one call, with the range of each and a mark for each") {
  const auto calls = calls_of(batch_with({{one, 100, 200, {100, 150}}, {two, 0, 50, {0, 10, 49}}}));
  REQUIRE(calls.size() == 1);
  CHECK(calls[0].keys == std::vector<std::string>{"logs", "p:" + to_string(one), "p:" + to_string(two)});
  CHECK(calls[0].parts == std::vector<std::string>{"1 100-200: 100 150", "2 0-50: 0 10 49"});
  CHECK(calls[0].remember == "3600");
  CHECK(calls[0].max_length == "500");
}

TEST_CASE("what transforms dropped belongs to the range all the same, and a segment without a record is left out") {
  const auto calls = calls_of(batch_with({{one, 0, 100, {30}}, {two, 0, 50, {}}, {one, 100, 300, {250}}}));
  REQUIRE(calls.size() == 1);
  CHECK(calls[0].parts == std::vector<std::string>{"1 0-100: 30", "1 100-300: 250"});
}

TEST_CASE("a call has at most 1000 records, and the ranges of the calls meet") {
  Piece piece{one, 0, 25'000, {}};
  for (std::uint64_t i = 0; i < 2500; ++i) piece.offsets.push_back(i * 10);
  const auto calls = calls_of(batch_with({piece, {two, 7, 9, {8}}}));
  REQUIRE(calls.size() == 3);
  CHECK(calls[0].parts.at(0).starts_with("1 0-10000: 0 10 "));
  CHECK(calls[1].parts.at(0).starts_with("1 10000-20000: 10000 "));
  CHECK(calls[2].parts.at(0).starts_with("1 20000-25000: 20000 "));
  CHECK(calls[2].parts.at(1) == "2 7-9: 8");
  CHECK(calls[0].records == 1000);
  CHECK(calls[2].records == 501);
}

TEST_CASE("a call is no larger than 256 KiB, but for one record that is") {
  Piece piece{one, 0, 1000, {}};
  for (std::uint64_t i = 0; i < 100; ++i) piece.offsets.push_back(i * 10);
  for (const auto& call : calls_of(batch_with({piece}, 10'000))) CHECK(call.bytes < 270'000);
  const auto large = calls_of(batch_with({piece}, 300'000));
  CHECK(large.size() == 100);
  CHECK(large[1].parts == std::vector<std::string>{"1 10-20: 10"});
}

TEST_CASE("a batch without records is no call, and a record outside of the segments is a bug") {
  CHECK(calls_of(batch_with({{one, 0, 100, {}}})).empty());
  CHECK_THROWS_AS(calls_of(batch_with({{one, 0, 100, {20, 100}}})), tandem::Error);
}

TEST_CASE("marks are in the stream's slot, and a name that leaves no room for that is refused") {
  for (const std::string name : {"logs", "logs:{web}", "{web}", "a{b", "{}", "{a}{b}", "x{y{z}"}) {
    CAPTURE(name);
    const auto prefix = redis_mark_prefix(name);
    if (name == "{}") {
      CHECK_FALSE(prefix);
      continue;
    }
    REQUIRE(prefix);
    CHECK(tandem::redis::key_slot(*prefix + to_string(one)) == tandem::redis::key_slot(name));
  }
  CHECK_FALSE(redis_mark_prefix("a}b"));
  CHECK_FALSE(redis_mark_prefix("{}a}"));
}
