// tandem-log before real Redis servers, a cluster and tandem-redis.
#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <nlohmann/json.hpp>

#include "ambassador/redis/slot.hpp"
#include "core/os/files.hpp"
#include "tests/integration/log-streams/entries.hpp"
#include "tests/support/log/fixture.hpp"
#include "tests/support/redis/ambassador.hpp"

using namespace tandem;
using namespace tandem::test;
using namespace std::chrono_literals;

namespace {

std::string sink(int port, const std::string& more = "") {
  return "- {name: out, type: redis, address: \"127.0.0.1:" + std::to_string(port) +
         "\", stream: logs, batch: {maxBytes: 16Ki}" + more + "}";
}

// The messages in the stream's order.
std::vector<std::string> messages_in(int port, const std::string& stream = "logs") {
  std::vector<std::string> all;
  for (const auto& entry : entries_of(port, stream))
    all.push_back(nlohmann::json::parse(entry.at("record")).at("message").get<std::string>());
  return all;
}

// What is wrong with them, compared with lines 0..written-1 in order; "" when nothing is.
std::string compare_order(const std::vector<std::string>& messages, int written) {
  std::map<std::string, int> counts;
  for (const auto& message : messages) ++counts[message];
  const std::string wrong = compare(counts, written);
  if (!wrong.empty()) return wrong;
  for (int i = 0; i < written; ++i)
    if (messages[static_cast<std::size_t>(i)] != line_of(i)) return "out of order: " + line_of(i).substr(0, 12);
  return "";
}

struct OneRedis {
  explicit OneRedis(const std::vector<std::string>& options = {}) : server(free_port(), folder.path(), options) {
    server.start();
  }
  TemporaryDirectory folder;
  RedisServer server;
};

bool says(const LogRun& run, const std::string& text) {
  return wait_until([&] { return read_file_if_exists(run.output()).value_or("").find(text) != std::string::npos; });
}

}  // namespace

TEST_CASE("a Redis stream gets every line once, those of a file in order, though the sender is killed ten times") {
  OneRedis redis;
  LogRun run(sink(redis.server.port()));
  run.start();
  Writer writer(run.logs() / "app.log");
  for (int i = 1; i <= 10; ++i) {
    writer.write(4000);
    CHECK(wait_until([&] { return length_of(redis.server.port(), "logs") >= i * 4000 - 3900; }));
    run.kill();
    if (i == 5) writer.rotate_by_rename(2);
    run.start();
  }
  CHECK(wait_until([&] { return length_of(redis.server.port(), "logs") >= 40'000; }));
  CHECK(run.terminate().code == 0);
  // A rotated file and its successor are read side by side.
  auto messages = messages_in(redis.server.port());
  std::stable_partition(messages.begin(), messages.end(), [](const auto& line) { return line < line_of(20'000); });
  CHECK(compare_order(messages, 40'000) == "");
}

TEST_CASE("a Redis that is killed and comes back from its append-only file has every line once") {
  // With everysec, its default, Redis answers for up to two seconds without a write while an fsync lasts: it loses what
  // it had acknowledged, and nobody who sends to it can tell.
  OneRedis redis({"--appendonly", "yes", "--appendfsync", "always"});
  LogRun run(sink(redis.server.port()));
  run.start();
  Writer writer(run.logs() / "app.log");
  for (int i = 1; i <= 5; ++i) {
    writer.write(3000);
    CHECK(wait_until([&] { return length_of(redis.server.port(), "logs") >= i * 3000 - 2900; }));
    redis.server.kill();
    writer.write(1);
    redis.server.start();
  }
  CHECK(wait_until([&] { return length_of(redis.server.port(), "logs") >= writer.written(); }));
  CHECK(run.terminate().code == 0);
  CHECK(compare_order(messages_in(redis.server.port()), writer.written()) == "");
}

TEST_CASE("a Redis that stands still beyond the time limit, and then does all it was sent, has every line once") {
  OneRedis redis;
  LogRun run(sink(redis.server.port(), ", timeout: 200ms"));
  run.start();
  Writer writer(run.logs() / "app.log");
  for (int i = 0; i < 4; ++i) {
    redis.server.pause();
    writer.write(2000);
    const double before = run.metric("tandem_log_retries_total{sink=\"out\"}");
    CHECK(wait_until([&] { return run.metric("tandem_log_retries_total{sink=\"out\"}") >= before + 2; }));
    redis.server.go_on();
    CHECK(wait_until([&] { return length_of(redis.server.port(), "logs") >= (i + 1) * 2000; }));
  }
  CHECK(run.terminate().code == 0);
  CHECK(compare_order(messages_in(redis.server.port()), 8000) == "");
}

TEST_CASE("entries have the record's fields when they should, over a Unix socket and with a password from a file") {
  OneRedis redis;
  const std::string socket = redis.folder / "redis.sock";
  redis.server.kill();
  RedisServer server(free_port(), redis.folder.path(),
                     {"--unixsocket", socket, "--requirepass", "secret", "--maxclients", "100"});
  server.start();
  LogRun run("- {name: out, type: redis, address: \"unix:" + socket +
             "\", stream: \"logs:{web}\", format: fields, maxLength: 100000, passwordFile: DIR/password}");
  write_file(run.directory() / "password", "wrong\n");
  run.start();
  Writer writer(run.logs() / "app.log");
  writer.write(10);
  CHECK(says(run, "WRONGPASS"));
  CHECK(says(run, "look at username and passwordFile"));
  write_file(run.directory() / "password", "secret\n");
  CHECK(wait_until([&] { return run.metric("tandem_log_records_total{sink=\"out\",result=\"delivered\"}") == 10; }));
  CHECK(run.terminate().code == 0);
  RawClient client(server.port());
  client.ask({"AUTH", "secret"});
  const std::string entries = client.ask({"XRANGE", "logs:{web}", "-", "+"});
  CHECK(entries.find("$7\r\nmessage\r\n$" + std::to_string(line_of(9).size()) + "\r\n" + line_of(9) + "\r\n") !=
        std::string::npos);
  CHECK(entries.find("$3\r\npod\r\n$5\r\nweb-1\r\n") != std::string::npos);
  CHECK(client.ask({"XLEN", "logs:{web}"}) == ":10\r\n");
}

TEST_CASE("a key that is no stream holds the sink up with a reason, and nothing is lost") {
  OneRedis redis;
  redis.server.ask({"SET", "logs", "mine"});
  LogRun run(sink(redis.server.port()));
  run.start();
  Writer writer(run.logs() / "app.log");
  writer.write(100);
  CHECK(says(run, "no stream"));
  redis.server.ask({"DEL", "logs"});
  CHECK(wait_until([&] { return length_of(redis.server.port(), "logs") == 100; }));
  CHECK(run.terminate().code == 0);
}

TEST_CASE("a Redis without memory holds the sink up until it has some") {
  OneRedis redis;
  redis.server.ask({"CONFIG", "SET", "maxmemory", "1"});
  LogRun run(sink(redis.server.port()));
  run.start();
  Writer writer(run.logs() / "app.log");
  writer.write(500);
  CHECK(says(run, "OOM"));
  redis.server.ask({"CONFIG", "SET", "maxmemory", "0"});
  CHECK(wait_until([&] { return length_of(redis.server.port(), "logs") == 500; }));
  CHECK(run.terminate().code == 0);
  CHECK(compare_order(messages_in(redis.server.port()), 500) == "");
}

TEST_CASE("any node of a cluster shows the way to the stream's, also when its slot moves and when its master dies",
          "[cluster]") {
  RedisCluster cluster;
  const int slot = redis::key_slot("logs");
  RedisServer& owner = cluster.owner_of(slot);
  RedisServer* other = nullptr;
  for (int probe = 0; !other; probe += 1000)
    if (&cluster.owner_of(probe) != &owner) other = &cluster.owner_of(probe);
  LogRun run(sink(other->port(), ", timeout: 1s"));
  run.start();
  Writer writer(run.logs() / "app.log");
  writer.write(3000);
  CHECK(wait_until([&] { return length_of(owner.port(), "logs") == 3000; }));

  cluster.move_slot(slot, *other, [&] { writer.write(3000); });
  CHECK(wait_until([&] { return length_of(other->port(), "logs") == 6000; }));

  cluster.move_slot(slot, owner);
  writer.write(1000);
  CHECK(wait_until([&] { return length_of(owner.port(), "logs") == 7000; }));
  CHECK(run.metric("tandem_log_retries_total{sink=\"out\"}") >= 0);
  // The replica has everything before the master dies: what Redis itself loses is not ours to judge.
  RawClient asker(owner.port());
  // WAIT waits for the connection's own last write only.
  CHECK(asker.ask({"SET", "{logs}mark", "1"}) == "+OK\r\n");
  CHECK(wait_until([&] { return asker.ask({"WAIT", "1", "1000"}) == ":1\r\n"; }));
  owner.kill();
  writer.write(3000);
  const auto length = [&] {
    try {
      return length_of(cluster.owner_of(slot).port(), "logs");
    } catch (const std::exception&) {
      return -1LL;
    }
  };
  CHECK(wait_until([&] { return length() == 10'000; }));
  CHECK(run.terminate().code == 0);
  CHECK(compare_order(messages_in(cluster.owner_of(slot).port()), 10'000) == "");
}

TEST_CASE("through tandem-redis a cluster's stream gets every line once, though both are killed", "[ambassador]") {
  RedisCluster& cluster = shared_cluster();
  const int slot = redis::key_slot("logs");
  auto ambassador = std::make_unique<Ambassador>(Ambassador::cluster(cluster.seeds()));
  LogRun run(sink(ambassador->port()));
  run.start();
  Writer writer(run.logs() / "app.log");
  const int port = cluster.owner_of(slot).port();
  for (int i = 1; i <= 4; ++i) {
    writer.write(3000);
    CHECK(wait_until([&] { return length_of(port, "logs") >= i * 3000 - 2900; }));
    run.kill();
    run.start();
  }
  CHECK(wait_until([&] { return length_of(port, "logs") >= 12'000; }));
  CHECK(run.terminate().code == 0);
  CHECK(compare_order(messages_in(port), 12'000) == "");
}
