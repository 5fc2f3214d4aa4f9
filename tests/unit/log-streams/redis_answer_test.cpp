#include <catch2/catch.hpp>

#include "sidecars/log/sinks/redis_answer.hpp"

using namespace tandem;
using namespace tandem::shipper;
using Catch::Matchers::Contains;
using Kind = RedisAnswer::Kind;

namespace {

RedisAnswer judge(std::string_view line) { return judge_redis(line, net::Endpoint("redis", 6379)); }

}  // namespace

TEST_CASE("a number says that the call was done, NOSCRIPT that the script is to be sent") {
  CHECK(judge(":12").kind == Kind::done);
  CHECK(judge("+OK").kind == Kind::done);
  CHECK(judge("-NOSCRIPT No matching script. Please use EVAL.").kind == Kind::send_script);
}

TEST_CASE("MOVED names the node to ask") {
  const auto moved = judge("-MOVED 3999 127.0.0.1:6381");
  CHECK(moved.kind == Kind::moved);
  CHECK(moved.node == net::Endpoint("127.0.0.1", 6381));
  CHECK(judge("-MOVED 3999 :6381").node == net::Endpoint("redis", 6381));
  CHECK(judge("-MOVED 3999 ?:6381").node == net::Endpoint("redis", 6381));
  CHECK(judge("-MOVED 3999 fd00::1:6381").node == net::Endpoint("fd00::1", 6381));
  for (const char* line :
       {"-MOVED", "-MOVED 3999", "-MOVED 3999 nothing", "-MOVED 3999 a:0", "-MOVED 3999 a:70000", "-MOVED 3999 a:1x"}) {
    CAPTURE(line);
    CHECK(judge(line).kind == Kind::later);
  }
  CHECK_FALSE(parse_moved("MOVED 3999 :6381", net::Endpoint()));
}

TEST_CASE("what Redis refuses is tried again, with its words and with what mends it") {
  const auto refused = [](std::string_view line) {
    const auto answer = judge(line);
    CHECK(answer.kind == Kind::later);
    return answer;
  };
  CHECK_THAT(refused("-WRONGTYPE Operation against a key holding the wrong kind of value script: 1, on x:1.").reason,
             Contains("WRONGTYPE") && Contains("no stream"));
  CHECK_THAT(refused("-OOM command not allowed when used memory > 'maxmemory'.").reason, Contains("maxLength"));
  CHECK_THAT(refused("-NOAUTH Authentication required.").reason, Contains("passwordFile"));
  CHECK_THAT(refused("-NOPERM this user has no permissions").reason, Contains("+evalsha"));
  CHECK_THAT(refused("-ERR Error running script (call to f_1): @user_script:1: -OOM command not allowed").reason,
             Contains("maxLength"));
  CHECK_THAT(refused("-WHATEVER comes").reason, Contains("Redis says: WHATEVER comes"));
  for (const char* line : {"-LOADING Redis is loading", "-CLUSTERDOWN Hash slot not served", "-TRYAGAIN Multiple keys",
                           "-ASK 3999 127.0.0.1:6381", "-BUSY Redis is busy", "-MISCONF Redis is configured"}) {
    CAPTURE(line);
    CHECK_FALSE(refused(line).reconnect);
  }
}

TEST_CASE("a connection to a replica, or to one who does not know us, is not used again") {
  CHECK(judge("-READONLY You can't write against a read only replica.").reconnect);
  CHECK(judge("-NOAUTH Authentication required.").reconnect);
  CHECK(judge("-WRONGPASS invalid username-password pair").reconnect);
  CHECK(judge("-ERR Protocol error: invalid bulk length").reconnect);
  const auto http = judge("HTTP/1.1 400 Bad Request");
  CHECK(http.kind == Kind::later);
  CHECK(http.reconnect);
  CHECK_THAT(http.reason, Contains("redis:6379 does not speak Redis' protocol"));
}
