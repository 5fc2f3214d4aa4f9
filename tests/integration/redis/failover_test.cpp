// Nodes die, hang and come back.
#include <catch2/catch.hpp>

#include "ambassador/redis/slot.hpp"
#include "tests/support/redis/ambassador.hpp"
#include "tests/support/redis/cluster.hpp"

using namespace tandem::test;
using tandem::redis::key_slot;
using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

namespace {

bool all_replicas_in_sync() {
  int replicas = 0;
  for (auto& node : shared_cluster().nodes())
    replicas += node->ask({"INFO", "replication"}).find("master_link_status:up") != std::string::npos;
  return replicas == 3;
}

}  // namespace

TEST_CASE("A master killed with SIGKILL: no request hangs, errors are clear, and the replica takes over") {
  RedisCluster& cluster = shared_cluster();
  REQUIRE(wait_until(all_replicas_in_sync));
  Ambassador ambassador(Ambassador::cluster(cluster.seeds()), "timeouts: {request: 10s}");
  REQUIRE(ambassador.wait_ready());
  RawClient client = ambassador.connect();
  REQUIRE(client.ask({"SET", "failover", "before"}) == "+OK\r\n");
  REQUIRE(client.ask({"WAIT", "1", "0"}).starts_with("-ERR"));  // not there; the replica is waited for below
  RedisServer& master = cluster.owner_of(key_slot("failover"));
  // WAIT waits for the connection's own last write only.
  RawClient direct(master.port());
  REQUIRE(direct.ask({"SET", "failover", "before"}) == "+OK\r\n");
  REQUIRE(wait_until([&] { return direct.ask({"WAIT", "1", "1000"}) == ":1\r\n"; }));

  master.kill();
  int failed = 0, fine = 0;
  const auto begin = Clock::now();
  Clock::duration longest{};
  while (Clock::now() - begin < 30s && fine < 20) {
    const auto asked = Clock::now();
    const std::string reply = client.ask({"SET", "failover", "after"});
    longest = std::max(longest, Clock::now() - asked);
    if (reply == "+OK\r\n") {
      ++fine;
      continue;
    }
    ++failed;
    CAPTURE(reply);
    REQUIRE((reply.find("tandem-redis: ") != std::string::npos));
  }
  REQUIRE(fine == 20);
  REQUIRE(longest < 11s);
  REQUIRE(failed <= 2);
  REQUIRE(client.ask({"GET", "failover"}) == "$5\r\nafter\r\n");
  REQUIRE(wait_until([&] { return &cluster.owner_of(key_slot("failover")) != &master; }));
  REQUIRE(ambassador.wait_ready());

  master.start();
  REQUIRE(wait_until(all_replicas_in_sync));
}

TEST_CASE("Requests to other nodes go on while one is dead, and a request to the dead one ends with its time") {
  RedisCluster& cluster = shared_cluster();
  REQUIRE(wait_until(all_replicas_in_sync));
  Ambassador ambassador(Ambassador::cluster(cluster.seeds()), "timeouts: {request: 300ms}");
  REQUIRE(ambassador.wait_ready());
  RedisServer& master = cluster.owner_of(key_slot("foo"));
  std::string elsewhere;
  for (int i = 0; elsewhere.empty(); ++i)
    if (&cluster.owner_of(key_slot("k" + std::to_string(i))) != &master) elsewhere = "k" + std::to_string(i);
  RawClient stuck = ambassador.connect(), free = ambassador.connect();
  stuck.ask({"SET", "foo", "1"});
  master.pause();
  stuck.write(request({"GET", "foo"}) + request({"SET", "foo", "2"}));
  for (int i = 0; i < 100; ++i) REQUIRE(free.ask({"SET", elsewhere, std::to_string(i)}) == "+OK\r\n");
  const std::string read = stuck.read_reply(), write = stuck.read_reply();
  master.go_on();
  CAPTURE(read, write);
  REQUIRE(read.find("did not answer within 300 ms\r\n") != std::string::npos);
  REQUIRE(write.find("did not answer within 300 ms; the command may or may not have been executed") !=
          std::string::npos);
  REQUIRE(wait_until([&] { return stuck.ask({"SET", "foo", "3"}) == "+OK\r\n"; }));
  REQUIRE(stuck.ask({"GET", "foo"}) == "$1\r\n3\r\n");
  REQUIRE(wait_until(all_replicas_in_sync));
}

TEST_CASE("A write on a connection that is lost is not sent again, a read is") {
  TemporaryDirectory folder;
  RedisServer server(free_port(), folder.path(), {});
  server.start();
  Ambassador ambassador("server: {address: \"" + server.address() + "\"}", "timeouts: {request: 8s}");
  RawClient client = ambassador.connect();
  REQUIRE(client.ask({"SET", "n", "5"}) == "+OK\r\n");
  server.pause();
  client.write(request({"INCR", "n"}) + request({"GET", "n"}));
  REQUIRE(wait_until([&] { return ambassador.metric("tandem_redis_requests_pending") == 2; }));
  server.kill();
  const std::string lost = client.read_reply();
  CAPTURE(lost);
  REQUIRE(lost.find("it may or may not have been executed") != std::string::npos);
  server.start();
  REQUIRE(client.read_reply() == "$-1\r\n");
  REQUIRE(ambassador.metric("tandem_redis_reads_sent_again_total") == 1);
}

TEST_CASE(
    "An ambassador that starts before its cluster is alive, not ready, says why, and serves when the cluster is "
    "there") {
  const int port = free_port();
  Ambassador ambassador("server: {address: \"127.0.0.1:" + std::to_string(port) + "\"}", "timeouts: {request: 200ms}");
  RawClient client = ambassador.connect();
  REQUIRE(client.ask({"PING"}) == "+PONG\r\n");
  const std::string down = client.ask({"GET", "a"});
  CAPTURE(down);
  REQUIRE(down.find("CLUSTERDOWN tandem-redis: gave up after 200 ms: ") != std::string::npos);
  REQUIRE(down.find("Connection refused") != std::string::npos);

  Ambassador early(Ambassador::cluster({"127.0.0.1:" + std::to_string(port)}), "timeouts: {request: 200ms}");
  REQUIRE(early.wait_ready(false));
  REQUIRE(early.readyz().find("the cluster is not known yet") != std::string::npos);
  RawClient waiting = early.connect();
  REQUIRE(waiting.ask({"GET", "a"}).starts_with("-CLUSTERDOWN tandem-redis: gave up"));
  REQUIRE(waiting.ask({"DBSIZE"}).starts_with("-CLUSTERDOWN tandem-redis: the cluster is not known yet"));
  REQUIRE(waiting.ask({"INFO"}).find("tandem_state:the cluster is not known yet") != std::string::npos);

  TemporaryDirectory folder;
  RedisServer late(port, folder.path(), {"--cluster-enabled", "yes", "--cluster-port", std::to_string(free_port())});
  late.start();
  REQUIRE(late.ask({"CLUSTER", "ADDSLOTSRANGE", "0", "16383"}) == "+OK\r\n");
  REQUIRE(early.wait_ready());
  REQUIRE(waiting.ask({"SET", "a", "1"}) == "+OK\r\n");
  REQUIRE(wait_until([&] { return client.ask({"GET", "a"}) == "$1\r\n1\r\n"; }));
}
