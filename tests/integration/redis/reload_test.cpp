// SIGHUP: another config while clients are connected.
#include <catch2/catch.hpp>

#include "tests/support/redis/ambassador.hpp"
#include "tests/support/redis/cluster.hpp"

using namespace tandem::test;

namespace {

std::string behind(const RedisServer& server) { return "server: {address: \"" + server.address() + "\"}"; }

}  // namespace

TEST_CASE("A reloaded config moves clients that are connected to another server, and limits those that come") {
  TemporaryDirectory folder_of_old, folder_of_new;
  RedisServer old_server(free_port(), folder_of_old.path(), {}), new_server(free_port(), folder_of_new.path(), {});
  old_server.start();
  new_server.start();
  Ambassador ambassador(behind(old_server));
  REQUIRE(ambassador.wait_ready());
  RawClient client = ambassador.connect();
  REQUIRE(client.ask({"SET", "here", "old"}) == "+OK\r\n");
  REQUIRE(ambassador.reload(behind(new_server), "limits: {clients: 1}"));
  CHECK(client.ask({"GET", "here"}) == "$-1\r\n");
  CHECK(client.ask({"SET", "here", "new"}) == "+OK\r\n");
  CHECK(RawClient(new_server.port()).ask({"GET", "here"}) == "$3\r\nnew\r\n");
  RawClient second = ambassador.connect();
  CHECK(second.ask({"PING"}).starts_with("-ERR max number of clients"));
}

TEST_CASE("A reloaded password is asked of the clients that come; those that are there stay") {
  TemporaryDirectory folder;
  RedisServer server(free_port(), folder.path(), {});
  server.start();
  Ambassador ambassador(behind(server));
  REQUIRE(ambassador.wait_ready());
  RawClient before = ambassador.connect();
  REQUIRE(before.ask({"PING"}) == "+PONG\r\n");
  REQUIRE(ambassador.reload(behind(server), "auth: {password: fresh}"));
  CHECK(before.ask({"GET", "a"}) == "$-1\r\n");
  RawClient after = ambassador.connect();
  CHECK(after.ask({"GET", "a"}).starts_with("-NOAUTH"));
  CHECK(after.ask({"AUTH", "fresh"}) == "+OK\r\n");
}

TEST_CASE("Seeds that lead to another cluster lead there after a reload") {
  RedisCluster second;
  Ambassador ambassador(Ambassador::cluster(shared_cluster().seeds()));
  REQUIRE(ambassador.wait_ready());
  RawClient client = ambassador.connect();
  REQUIRE(client.ask({"SET", "here", "first"}) == "+OK\r\n");
  REQUIRE(ambassador.reload(Ambassador::cluster(second.seeds())));
  CHECK(wait_until([&] { return client.ask({"GET", "here"}) == "$-1\r\n"; }));
  CHECK(client.ask({"SET", "here", "second"}) == "+OK\r\n");
}

TEST_CASE("A config that cannot be taken while running is refused as a whole, and the old one stays") {
  TemporaryDirectory folder;
  RedisServer server(free_port(), folder.path(), {});
  server.start();
  Ambassador ambassador(behind(server));
  REQUIRE(ambassador.wait_ready());
  CHECK_FALSE(ambassador.reload(Ambassador::cluster({server.address()}), "limits: {clients: 1}"));
  CHECK_FALSE(ambassador.reload(behind(server), "limits: {clients: many}"));
  RawClient one = ambassador.connect(), two = ambassador.connect();
  CHECK(one.ask({"PING"}) == "+PONG\r\n");
  CHECK(two.ask({"PING"}) == "+PONG\r\n");
  CHECK(ambassador.log().find("cannot change while running") != std::string::npos);
}
