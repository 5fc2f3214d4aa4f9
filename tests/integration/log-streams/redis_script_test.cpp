// The script in a real Redis.
#include "sidecars/log/sinks/redis_script.hpp"

#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "sidecars/log/encode/redis_format.hpp"
#include "tests/integration/log-streams/entries.hpp"
#include "tests/unit/log-streams/batches.hpp"

using namespace tandem::shipper;
using namespace tandem::test;

namespace {

const FileId one{0, 1}, two{0, 2};

class Script {
 public:
  explicit Script(RedisStream stream = {"logs", 0, std::chrono::hours(1)}) : stream_(std::move(stream)) {
    server_.start();
  }
  RedisServer& server() { return server_; }

  std::string send(const Batch& batch) {
    RedisCalls calls(stream_, mark_prefix_, batch);
    Buffer arguments;
    std::size_t count = 0;
    std::string replies;
    while (calls.next(arguments, count)) {
      RawClient client(server_.port());
      Buffer head;
      head.append("*" + std::to_string(count + 2) + "\r\n");
      append_bulk("EVAL", head);
      append_bulk(redis_script, head);
      client.write(std::string(head.view()) + std::string(arguments.view()));
      replies += client.read_reply();
    }
    return replies;
  }

  // FILE:OFFSET in the stream's order.
  std::vector<std::string> offsets() {
    std::vector<std::string> all;
    for (const auto& entry : entries_of(server_.port(), stream_.stream))
      all.push_back(entry.at("message").substr(0, entry.at("message").find(':')));
    return all;
  }
  std::string mark(const FileId& file) { return bulk_text(server_.ask({"GET", mark_prefix_ + to_string(file)})); }

 private:
  RedisStream stream_;
  const std::string mark_prefix_ = redis_mark_prefix(stream_.stream).value();
  TemporaryDirectory folder_;
  RedisServer server_{free_port(), folder_.path(), {}};
};

Batch batch_with(const std::vector<Piece>& pieces) { return batch_of(*make_redis_format(RedisEntry::fields), pieces); }

using Offsets = std::vector<std::string>;

}  // namespace

TEST_CASE("a batch that comes again adds nothing, and one that comes after what follows it is not taken for known") {
  Script script;
  CHECK(script.send(batch_with({{one, 0, 100, {0, 50}}})) == ":2\r\n");
  CHECK(script.send(batch_with({{one, 0, 100, {0, 50}}})) == ":0\r\n");
  CHECK(script.send(batch_with({{one, 200, 300, {200}}})) == ":1\r\n");
  CHECK(script.mark(one) == "0-100 200-300");
  CHECK(script.send(batch_with({{one, 100, 200, {100, 199}}})) == ":2\r\n");
  CHECK(script.mark(one) == "0-300");
  CHECK(script.send(batch_with({{one, 0, 300, {0, 50, 100, 199, 200}}})) == ":0\r\n");
  CHECK(script.send(batch_with({{one, 299, 400, {299, 300}}, {two, 0, 9, {0}}})) == ":2\r\n");
  CHECK(script.offsets() == Offsets{"0", "50", "200", "100", "199", "300", "0"});
  const auto ttl = script.server().ask({"TTL", "tandem-log:{logs}:" + to_string(one)});
  CHECK((ttl == ":3600\r\n" || ttl == ":3599\r\n"));
}

TEST_CASE("a mark keeps its newest ranges, and offsets past what a float writes out") {
  Script script;
  const std::uint64_t far = 9'007'199'254'740'000;
  for (std::uint64_t i = 0; i < 40; ++i)
    CHECK(script.send(batch_with({{one, far - 1000 + i * 20, far - 1000 + i * 20 + 10, {far - 1000 + i * 20}}})) ==
          ":1\r\n");
  const std::string mark = script.mark(one);
  CHECK(std::count(mark.begin(), mark.end(), '-') == 16);
  CHECK(mark.ends_with("9007199254739780-9007199254739790"));
  CHECK(script.send(batch_with({{one, far - 220, far - 210, {far - 220}}})) == ":0\r\n");
}

TEST_CASE("a stream is kept near its greatest length") {
  Script script({"logs", 500, std::chrono::hours(1)});
  Piece piece{one, 0, 50'000, {}};
  for (std::uint64_t i = 0; i < 5000; ++i) piece.offsets.push_back(i * 10);
  script.send(batch_with({piece}));
  const auto length = length_of(script.server().port(), "logs");
  CHECK(length >= 500);
  CHECK(length < 1000);
}

TEST_CASE("where the key is no stream, nothing is added and nothing is taken for added") {
  Script script;
  script.server().ask({"SET", "logs", "mine"});
  CHECK(script.send(batch_with({{one, 0, 100, {0}}})).starts_with("-WRONGTYPE"));
  CHECK(script.mark(one) == "$-1\r\n");
  script.server().ask({"DEL", "logs"});
  CHECK(script.send(batch_with({{one, 0, 100, {0}}})) == ":1\r\n");
}

TEST_CASE("however batches are repeated, cut and mixed, each record is there once") {
  Script script;
  const unsigned seed = GENERATE(1u, 2u, 3u, 4u);
  CAPTURE(seed);
  std::mt19937 random(seed);
  const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
  std::vector<Batch> batches;
  std::set<std::string> all;
  std::uint64_t place = 0;
  for (int i = 0; i < 30; ++i) {
    // Ranges of one file, some of which a filter emptied; and the same cut into two batches.
    Piece piece{one, place, place + 50 + below(50) * 10, {}};
    for (std::uint64_t at = place; at < piece.end; at += 10)
      if (below(3) > 0) piece.offsets.push_back(at);
    for (const auto offset : piece.offsets) all.insert(std::to_string(offset));
    batches.push_back(batch_with({piece}));
    const std::uint64_t middle = place + 30;
    Piece left{one, place, middle, {}}, right{one, middle, piece.end, {}};
    for (const auto offset : piece.offsets) (offset < middle ? left : right).offsets.push_back(offset);
    batches.push_back(batch_with({left}));
    batches.push_back(batch_with({right}));
    place = piece.end;
  }
  // Near their order, as they are sent, and again; then all once more.
  for (std::size_t i = 0; i < batches.size(); ++i) {
    script.send(batches[i < 6 ? i : i - below(6)]);
    if (below(4) == 0) script.send(batches[below(i + 1)]);
    if (i >= 3) script.send(batches[i - 3]);
  }
  for (const auto& batch : batches) script.send(batch);
  const Offsets there = script.offsets();
  CHECK(there.size() == all.size());
  CHECK(std::set<std::string>(there.begin(), there.end()) == all);
}
