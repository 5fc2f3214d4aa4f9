// One Redis without a cluster, behind the same ambassador.
#include <catch2/catch.hpp>

#include "tests/support/redis/ambassador.hpp"
#include "tests/support/redis/cluster.hpp"

using namespace tandem::test;

TEST_CASE("A single server is served, with its password") {
  TemporaryDirectory folder;
  RedisServer server(free_port(), folder.path(), {"--requirepass", "inner"});
  server.start();
  Ambassador ambassador("server: {address: \"localhost:" + std::to_string(server.port()) +
                        "\", auth: {password: inner}}");
  REQUIRE(ambassador.wait_ready());
  RawClient client = ambassador.connect();
  REQUIRE(client.ask({"MSET", "a", "1", "b", "2"}) == "+OK\r\n");
  REQUIRE(client.ask({"MGET", "a", "b", "c"}) == "*3\r\n$1\r\n1\r\n$1\r\n2\r\n$-1\r\n");
  REQUIRE(client.ask({"DBSIZE"}) == ":2\r\n");
  Ambassador wrong("server: {address: \"" + server.address() + "\", auth: {password: wrong}}",
                   "timeouts: {request: 300ms}");
  RawClient refused = wrong.connect();
  const std::string reply = refused.ask({"GET", "a"});
  CAPTURE(reply);
  REQUIRE(reply.find("refused AUTH: WRONGPASS") != std::string::npos);
  REQUIRE(wrong.wait_ready(false));
  REQUIRE(wrong.readyz().find("refused AUTH: WRONGPASS") != std::string::npos);
}

TEST_CASE("One server that is away is not ready, says why before anybody asks, and is ready when it is there") {
  TemporaryDirectory folder;
  RedisServer server(free_port(), folder.path(), {});
  Ambassador ambassador("server: {address: \"" + server.address() + "\"}");
  REQUIRE(wait_until([&] { return ambassador.readyz().find("Connection refused") != std::string::npos; }));
  CHECK(ambassador.readyz().starts_with("HTTP/1.1 503"));
  server.start();
  CHECK(ambassador.wait_ready());
  server.kill();
  CHECK(ambassador.wait_ready(false));
  server.start();
  CHECK(ambassador.wait_ready());
}
