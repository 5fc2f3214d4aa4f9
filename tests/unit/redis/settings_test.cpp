#include "ambassador/redis/settings.hpp"

#include <catch2/catch.hpp>

#include "ambassador/redis/program.hpp"

using namespace tandem;
using namespace tandem::redis;

namespace {

Document parsed(const std::string& text) {
  Problems problems;
  auto documents = parse_yaml(text, "redis.yaml", problems);
  REQUIRE_FALSE(problems.has_errors());
  return documents.empty() ? Document{"redis.yaml", {}} : documents.front();
}

Settings good(const std::string& text) {
  Problems problems;
  Settings settings = read_settings(parsed(text), problems);
  CAPTURE(problems.text());
  REQUIRE(problems.empty());
  return settings;
}

std::string bad(const std::string& text) {
  Problems problems;
  read_settings(parsed(text), problems);
  REQUIRE(problems.has_errors());
  return problems.text();
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

const char* const everything = R"(
listen: [{tcp: "127.0.0.1:6379"}, {unix: /run/redis.sock}]
cluster: {seeds: ["a:7000", "10.0.0.1:7001"], auth: {username: u, password: p}}
auth: {username: web, password: secret}
timeouts: {connect: 2s, request: 3s, refresh: 1m}
limits: {clients: 5, pipeline: 6, outputBuffer: 1Mi, requestSize: 2Mi, nodeQueue: 3Mi, waiting: 4Mi, replySize: 5Mi, clientMemory: 6Mi}
)";

}  // namespace

TEST_CASE("The short form listens on localhost") {
  const Settings settings = good("cluster: {seeds: [\"redis:7000\"]}");
  REQUIRE(settings.listen.size() == 1);
  REQUIRE(to_string(settings.listen[0]) == "127.0.0.1:6379");
  REQUIRE(settings.shard.topology.seeds == std::vector<NodeAddress>{{"redis", 7000}});
  REQUIRE(settings.shard.nodes.request_timeout == std::chrono::seconds(5));
}

TEST_CASE("Every key is read") {
  const Settings settings = good(everything);
  REQUIRE(settings.listen.size() == 2);
  REQUIRE(settings.listen[1].path == "/run/redis.sock");
  REQUIRE(settings.shard.nodes.username == "u");
  REQUIRE(settings.shard.answers.username == "web");
  REQUIRE(settings.shard.topology.period == std::chrono::minutes(1));
  REQUIRE(settings.shard.most_clients == 5);
  REQUIRE(settings.shard.clients.request.request_bytes == 2u << 20);
  REQUIRE(settings.shard.held_bytes == 4u << 20);
  REQUIRE(settings.shard.nodes.reply_bytes == 5u << 20);
  REQUIRE(settings.shard.client_memory == 6u << 20);
  REQUIRE(good("server: {address: \"db:6380\", auth: {username: u, password: p}}").shard.server ==
          NodeAddress{"db", 6380});
}

TEST_CASE("The key table has exactly the keys that are read") {
  Problems problems;
  run::validate_keys(parsed(everything), config_keys(), problems);
  REQUIRE(problems.empty());
  const auto unused = run::unused_keys(parsed(everything), config_keys());
  for (const std::string& key : unused) {
    CAPTURE(key);
    REQUIRE((key.starts_with("server.") || key == "admin.listen" || key == "log.level" || key == "drain.timeout"));
  }
}

TEST_CASE("The program's own example is a good config") { good(program().example); }

TEST_CASE("An empty or missing password is an error, of clients and of nodes: nothing is open by mistake") {
  for (const char* auth :
       {"{password: \"\"}", "{password: }", "{username: bob}", "{}", "", "{username: bob, password: ''}"}) {
    CAPTURE(auth);
    const std::string part = std::string("auth: ") + auth;
    CHECK(has(bad("cluster: {seeds: [\"a:1\"]}\n" + part), "password"));
    CHECK(has(bad("cluster:\n  seeds: [\"a:1\"]\n  " + part), "password"));
    CHECK(has(bad("server:\n  address: \"a:1\"\n  " + part), "password"));
  }
  CHECK(good("server: {address: \"a:1\"}").shard.answers.username == "default");
}

TEST_CASE("What cannot work is told with what to do instead") {
  REQUIRE(has(bad("{}"), "no Redis is named"));
  REQUIRE(has(bad("cluster: {}"), "needs at least one node"));
  REQUIRE(has(bad("{cluster: {seeds: [\"a:1\"]}, server: {address: \"b:1\"}}"), "one of them"));
  REQUIRE(has(bad("sentinel: {master: m, seeds: [\"a:1\"]}"), "sentinel: is not there yet"));
  REQUIRE(has(bad("backends: [{name: main}]"), "backends: is not there yet"));
  REQUIRE(has(bad("{cluster: {seeds: [\"a:1\"]}, listen: [{tls: \"0.0.0.0:6380\"}]}"), "TLS is not there yet"));
  REQUIRE(has(bad("{cluster: {seeds: [\"a:1\"]}, listen: nonsense}"), "listen"));
  REQUIRE(has(bad("{cluster: {seeds: [\"a\"]}}"), "seeds"));
  REQUIRE(has(bad("{cluster: {seeds: [\"a:1\"]}, timeouts: {request: 0s}}"), "must be more than 0"));
  REQUIRE(has(bad("{cluster: {seeds: [\"a:1\"]}, limits: {pipeline: 0}}"), "pipeline"));
}
