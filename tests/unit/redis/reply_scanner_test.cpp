#include "ambassador/redis/reply_scanner.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace tandem::redis;
using Result = ReplyScanner::Result;

TEST_CASE("The end of every kind of reply is found, whole or byte by byte") {
  const std::string replies[] = {"+OK\r\n",
                                 "-ERR no\r\n",
                                 ":-42\r\n",
                                 "$3\r\na\r\n\r\n",
                                 "$-1\r\n",
                                 "*-1\r\n",
                                 "*0\r\n",
                                 "$0\r\n\r\n",
                                 "*2\r\n$1\r\na\r\n*2\r\n:1\r\n*1\r\n+x\r\n",
                                 "*3\r\n$-1\r\n*-1\r\n*0\r\n"};
  for (const std::string& reply : replies) {
    CAPTURE(reply);
    ReplyScanner whole;
    REQUIRE(whole.next(reply + "+NEXT\r\n") == Result::complete);
    REQUIRE(whole.size() == reply.size());
    ReplyScanner bytewise;
    for (std::size_t n = 0; n < reply.size(); ++n)
      REQUIRE(bytewise.next(std::string_view(reply).substr(0, n)) == Result::need_more);
    REQUIRE(bytewise.next(reply) == Result::complete);
    REQUIRE(bytewise.size() == reply.size());
  }
}

TEST_CASE("A reply of which nothing is kept ends where it ends, however it comes") {
  const std::string large =
      "*4\r\n$200\r\n" + std::string(200, '\r') + "\r\n:1\r\n*2\r\n$-1\r\n+" + std::string(40, 'x') + "\r\n$1\r\na\r\n";
  for (std::size_t step = 1; step <= large.size(); ++step) {
    CAPTURE(step);
    ReplyScanner scanner;
    std::string held;
    std::size_t passed = 0, most = 0;
    auto result = Result::need_more;
    for (std::size_t at = 0; result == Result::need_more && at < large.size(); at += step) {
      held += large.substr(at, step);
      most = std::max(most, held.size());
      result = scanner.next(held + (at + step >= large.size() ? "+NEXT\r\n" : ""));
      if (result != Result::need_more) break;
      const std::size_t gone = scanner.pass_over(held.size());
      passed += gone;
      held.erase(0, gone);
    }
    REQUIRE(result == Result::complete);
    CHECK(passed + scanner.size() == large.size());
    CHECK(most <= step + 50);  // an element's line, and what came with it
  }
}

TEST_CASE("A node that writes lengths as no Redis does speaks no RESP2: what clients make of it is unknown") {
  for (const char* reply : {"*+1\r\n:1\r\n", "*01\r\n:1\r\n", "$+1\r\na\r\n", "$01\r\na\r\n", "$-0\r\n\r\n", "*-0\r\n",
                            ":+1\r\n", ":-0\r\n", ":01\r\n", "$\r\n\r\n"}) {
    CAPTURE(reply);
    CHECK(ReplyScanner().next(reply) == Result::error);
    Reply tree;
    CHECK_FALSE(parse_reply(reply, tree));
  }
}

TEST_CASE("One scanner finds reply after reply") {
  ReplyScanner scanner;
  std::string_view bytes = "+a\r\n*1\r\n$2\r\nbc\r\n:1\r\n";
  for (const std::size_t size : {4u, 12u, 4u}) {
    REQUIRE(scanner.next(bytes) == Result::complete);
    REQUIRE(scanner.size() == size);
    bytes.remove_prefix(size);
  }
}

TEST_CASE("What is no RESP2 reply is an error") {
  for (const char* bytes : {"%1\r\n", "$x\r\n", "$3\r\nabcdef", ":1x\r\n", "*-2\r\n", "$99999999999\r\n", "\r\n\r\n"}) {
    CAPTURE(bytes);
    ReplyScanner scanner;
    REQUIRE(scanner.next(bytes) == Result::error);
  }
}

TEST_CASE("A reply is read into a tree") {
  Reply reply;
  REQUIRE(parse_reply("*3\r\n:7\r\n$2\r\nab\r\n*1\r\n$-1\r\n", reply));
  REQUIRE(reply.items.size() == 3);
  REQUIRE(reply.items[0].integer == 7);
  REQUIRE(reply.items[1].text == "ab");
  REQUIRE(reply.items[2].items[0].kind == Reply::Kind::null);
  REQUIRE_FALSE(parse_reply("+OK\r\n+OK\r\n", reply));
  REQUIRE_FALSE(parse_reply("*2\r\n:1\r\n", reply));
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += "*1\r\n";
  REQUIRE_FALSE(parse_reply(deep + ":1\r\n", reply));
}

TEST_CASE("A tree of more elements than are wanted is not built") {
  Reply tree;
  const std::string bytes = "*2\r\n*2\r\n:1\r\n:2\r\n:3\r\n";
  REQUIRE(parse_reply(bytes, tree, 5));
  REQUIRE_FALSE(parse_reply(bytes, tree, 4));
}
