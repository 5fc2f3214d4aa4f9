#include "ambassador/redis/redirect.hpp"

#include <catch2/catch.hpp>

using namespace tandem::redis;

namespace {

RedirectAction action(std::string_view reply, unsigned attempt = 0) {
  return redirect(reply, attempt, "10.0.0.9").action;
}

}  // namespace

TEST_CASE("MOVED is followed and makes the slot map out of date") {
  const Redirect result = redirect("-MOVED 3999 127.0.0.1:6381\r\n", 0, "10.0.0.9");
  REQUIRE(result.action == RedirectAction::follow_moved);
  REQUIRE(result.slot == 3999);
  REQUIRE(result.address == NodeAddress{"127.0.0.1", 6381});
  REQUIRE(result.refresh);
}

TEST_CASE("ASK is followed once and changes nothing") {
  const Redirect result = redirect("-ASK 3999 ::1:6381\r\n", 0, "10.0.0.9");
  REQUIRE(result.action == RedirectAction::follow_ask);
  REQUIRE(result.address == NodeAddress{"::1", 6381});
  REQUIRE_FALSE(result.refresh);
}

TEST_CASE("A redirection without a host is to the host that sent it") {
  REQUIRE(redirect("-MOVED 1 :7001\r\n", 0, "10.0.0.9").address == NodeAddress{"10.0.0.9", 7001});
  REQUIRE(redirect("-MOVED 1 ?:7001\r\n", 0, "10.0.0.9").address == NodeAddress{"10.0.0.9", 7001});
}

TEST_CASE("A cluster between two states is waited for") {
  REQUIRE(action("-TRYAGAIN Multiple keys request during rehashing of slot\r\n") == RedirectAction::wait);
  REQUIRE(action("-CLUSTERDOWN Hash slot not served\r\n") == RedirectAction::wait);
  REQUIRE(action("-LOADING Redis is loading the dataset in memory\r\n") == RedirectAction::wait);
}

TEST_CASE("Everything else is the client's reply") {
  for (const char* reply :
       {"+OK\r\n", "$5\r\nMOVED\r\n", "-ERR no\r\n", "-MOVED x y\r\n", "-ASK 99999 a:1\r\n", "-WRONGTYPE\r\n"})
    REQUIRE(action(reply) == RedirectAction::deliver);
}

TEST_CASE("Redirections end") {
  REQUIRE(action("-MOVED 1 a:1\r\n", most_redirections - 1) == RedirectAction::follow_moved);
  REQUIRE(action("-MOVED 1 a:1\r\n", most_redirections) == RedirectAction::give_up);
  REQUIRE(action("-ASK 1 a:1\r\n", most_redirections) == RedirectAction::give_up);
}
