// Who may lead requests, and the nodes' password, elsewhere: the cluster, and nobody who can make a reply.
#include <netinet/in.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>

#include "ambassador/redis/slot.hpp"
#include "core/os/check.hpp"
#include "tests/support/redis/ambassador.hpp"
#include "tests/support/redis/cluster.hpp"

using namespace tandem;
using namespace tandem::test;
using tandem::redis::key_slot;

namespace {

// Listens, and accepts nobody: the kernel completes connections by itself.
class Stranger {
 public:
  Stranger()
      : port_(free_port()),
        fd_(check([] { return ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); }, "open a socket")) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port_));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    check([&] { return ::bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address); }, "bind");
    check([&] { return ::listen(fd_.get(), 16); }, "listen");
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  bool nobody_came() const { return unique_fd(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC)).get() < 0; }

 private:
  int port_;
  unique_fd fd_;
};

std::string script_says(RawClient& client, const std::string& error, const std::string& key) {
  return client.ask({"EVAL", "return redis.error_reply('" + error + "')", "1", key});
}

std::string slot_of(const std::string& key) { return std::to_string(key_slot(key)); }

}  // namespace

TEST_CASE("A client's script that says MOVED or ASK leads no connection to an address that the cluster does not name") {
  const Stranger stranger;
  Ambassador ambassador(Ambassador::cluster(shared_cluster().seeds()), "timeouts: {request: 500ms}");
  REQUIRE(ambassador.wait_ready());
  RawClient client = ambassador.connect(), other = ambassador.connect();
  REQUIRE(other.ask({"SET", "a", "1"}) == "+OK\r\n");
  for (const std::string kind : {"MOVED ", "ASK "}) {
    const std::string reply = script_says(client, kind + slot_of("a") + " " + stranger.address(), "a");
    CAPTURE(reply);
    CHECK(stranger.nobody_came());
    CHECK(reply.find("CLUSTERDOWN tandem-redis: gave up after 500 ms: ") != std::string::npos);
    CHECK(reply.find(stranger.address() + ", which is no node that the cluster names") != std::string::npos);
    CHECK(other.ask({"GET", "a"}) == "$1\r\n1\r\n");
  }
  CHECK(ambassador.metric("tandem_redis_redirections_total{kind=\"stranger\"}") > 0);
  CHECK(ambassador.metric("tandem_redis_redirections_total{kind=\"moved\"}") == 0);
}

TEST_CASE("A redirection for another slot than the key's is the client's reply, and changes nothing") {
  const Stranger stranger;
  Ambassador ambassador(Ambassador::cluster(shared_cluster().seeds()));
  REQUIRE(ambassador.wait_ready());
  RawClient client = ambassador.connect();
  const std::string elsewhere = slot_of("foo") + " " + stranger.address();
  CHECK(script_says(client, "MOVED " + elsewhere, "a") == "-MOVED " + elsewhere + "\r\n");
  CHECK(script_says(client, "ASK " + elsewhere, "a") == "-ASK " + elsewhere + "\r\n");
  CHECK(stranger.nobody_came());
  CHECK(client.ask({"SET", "foo", "1"}) == "+OK\r\n");
}

TEST_CASE("A script that sends its slot to another node of the cluster is given up, and the slot comes back") {
  RedisCluster& cluster = shared_cluster();
  Ambassador ambassador(Ambassador::cluster(cluster.seeds()));
  REQUIRE(ambassador.wait_ready());
  RawClient client = ambassador.connect(), other = ambassador.connect();
  REQUIRE(other.ask({"SET", "a", "1"}) == "+OK\r\n");
  std::string elsewhere;
  for (const auto& node : cluster.nodes())
    if (node.get() != &cluster.owner_of(key_slot("a"))) elsewhere = node->address();
  CHECK(script_says(client, "MOVED " + slot_of("a") + " " + elsewhere, "a").find("redirected too often") !=
        std::string::npos);
  for (int i = 0; i < 100; ++i) REQUIRE(other.ask({"GET", "a"}) == "$1\r\n1\r\n");
}

TEST_CASE("A node that has no slot yet takes what is asked of it while its first one moves there") {
  TemporaryDirectory folder;
  const auto node = [&] {
    const int bus = free_port();
    auto server = std::make_unique<RedisServer>(
        free_port(), folder.path(),
        std::vector<std::string>{"--cluster-enabled", "yes", "--cluster-port", std::to_string(bus)});
    server->start();
    return std::pair(std::move(server), bus);
  };
  const auto [old_node, old_bus] = node();
  const auto [new_node, new_bus] = node();
  REQUIRE(old_node->ask({"CLUSTER", "ADDSLOTSRANGE", "0", "16383"}) == "+OK\r\n");
  Ambassador ambassador(Ambassador::cluster({old_node->address()}));
  REQUIRE(ambassador.wait_ready());
  REQUIRE(old_node->ask({"CLUSTER", "MEET", "127.0.0.1", std::to_string(new_node->port()), std::to_string(new_bus)}) ==
          "+OK\r\n");
  const std::string old_id = bulk_text(old_node->ask({"CLUSTER", "MYID"}));
  const std::string new_id = bulk_text(new_node->ask({"CLUSTER", "MYID"}));
  // A node does not learn who owns a slot that it imports.
  REQUIRE(wait_until([&] {
    const std::string info = new_node->ask({"CLUSTER", "INFO"});
    return info.find("cluster_slots_assigned:16384") != std::string::npos &&
           info.find("cluster_state:ok") != std::string::npos;
  }));
  REQUIRE(wait_until([&] {
    return new_node->ask({"CLUSTER", "SETSLOT", slot_of("a"), "IMPORTING", old_id}) == "+OK\r\n" &&
           old_node->ask({"CLUSTER", "SETSLOT", slot_of("a"), "MIGRATING", new_id}) == "+OK\r\n";
  }));
  RawClient client = ambassador.connect();
  CHECK(client.ask({"SET", "a", "1"}) == "+OK\r\n");
  CHECK(new_node->ask({"CLUSTER", "COUNTKEYSINSLOT", slot_of("a")}) == ":1\r\n");
  CHECK(client.ask({"GET", "a"}) == "$1\r\n1\r\n");
}

TEST_CASE("One server leads nowhere: what looks like a redirection is the client's reply") {
  const Stranger stranger;
  TemporaryDirectory folder;
  RedisServer server(free_port(), folder.path(), {"--requirepass", "inner"});
  server.start();
  Ambassador ambassador("server: {address: \"" + server.address() + "\", auth: {password: inner}}",
                        "timeouts: {request: 500ms}");
  RawClient client = ambassador.connect(), other = ambassador.connect();
  REQUIRE(other.ask({"SET", "a", "1"}) == "+OK\r\n");
  for (const std::string kind : {"MOVED ", "ASK "}) {
    const std::string error = kind + slot_of("a") + " " + stranger.address();
    CHECK(script_says(client, error, "a") == "-" + error + "\r\n");
    CHECK(stranger.nobody_came());
    CHECK(other.ask({"GET", "a"}) == "$1\r\n1\r\n");
  }
}
