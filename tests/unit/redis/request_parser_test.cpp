#include "ambassador/redis/request_parser.hpp"

#include <catch2/catch.hpp>

using namespace tandem::redis;
using Result = RequestParser::Result;

namespace {

std::vector<std::string> args_of(const Command& command) { return {command.args.begin(), command.args.end()}; }

std::string error_of(std::string_view bytes, RequestLimits limits = {}) {
  RequestParser parser(limits);
  Command command;
  REQUIRE(parser.next(bytes, command) == Result::error);
  return parser.error();
}

}  // namespace

TEST_CASE("A request is parsed into its arguments, and its own bytes are what is sent on") {
  RequestParser parser;
  Command command;
  const std::string whole("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$4\r\n\r\n\0x\r\n", 30);
  const std::string bytes = whole + "*1\r\n$4";
  REQUIRE(parser.next(bytes, command) == Result::command);
  REQUIRE(args_of(command) == std::vector<std::string>{"SET", "k", std::string("\r\n\0x", 4)});
  REQUIRE(command.raw == whole);
  REQUIRE(parser.consumed() == whole.size());
}

TEST_CASE("A request that comes byte by byte is the same request") {
  const std::string bytes = "*2\r\n$4\r\nECHO\r\n$5\r\nab\r\nc\r\n";
  RequestParser parser;
  Command command;
  for (std::size_t n = 1; n < bytes.size(); ++n)
    REQUIRE(parser.next(std::string_view(bytes).substr(0, n), command) == Result::need_more);
  REQUIRE(parser.next(bytes, command) == Result::command);
  REQUIRE(args_of(command) == std::vector<std::string>{"ECHO", "ab\r\nc"});
}

TEST_CASE("A parser says how many bytes a long argument still needs") {
  RequestParser parser;
  Command command;
  REQUIRE(parser.next("*1\r\n$1000\r\nabc", command) == Result::need_more);
  REQUIRE(parser.wanted() == 11 + 1000 + 2);
}

TEST_CASE("Inline commands are split as Redis splits them, and sent on as RESP") {
  RequestParser parser;
  Command command;
  REQUIRE(parser.next("SET  k \"a \\x41\\n\" 'it\\'s'\r\nPING\r\n", command) == Result::command);
  REQUIRE(args_of(command) == std::vector<std::string>{"SET", "k", "a A\n", "it's"});
  REQUIRE(command.raw == "*4\r\n$3\r\nSET\r\n$1\r\nk\r\n$4\r\na A\n\r\n$4\r\nit's\r\n");
  REQUIRE(parser.consumed() == 27);
  REQUIRE(parser.next("PING\n", command) == Result::command);
  REQUIRE(parser.next("\r\n", command) == Result::empty);
  REQUIRE(parser.next("*0\r\n", command) == Result::empty);
  REQUIRE(parser.next("*-1\r\n", command) == Result::empty);
}

TEST_CASE("What is no request gets Redis' own words") {
  REQUIRE(error_of("*x\r\n") == "ERR Protocol error: invalid multibulk length");
  REQUIRE(error_of("*9999999999\r\n") == "ERR Protocol error: invalid multibulk length");
  REQUIRE(error_of("*1\r\n:1\r\n") == "ERR Protocol error: expected '$', got ':'");
  REQUIRE(error_of("*1\r\n$-1\r\n") == "ERR Protocol error: invalid bulk length");
  REQUIRE(error_of("*1\r\n$99999999999\r\n") == "ERR Protocol error: invalid bulk length");
  REQUIRE(error_of("SET \"a\r\n") == "ERR Protocol error: unbalanced quotes in request");
  REQUIRE(error_of(std::string(70'000, 'x')) == "ERR Protocol error: too big inline request");
  REQUIRE(error_of("*" + std::string(40, '1')) == "ERR Protocol error: invalid multibulk length");
}

// redis-server closes a connection that brings one, and clients share theirs.
TEST_CASE("A length that Redis does not take is refused at the door") {
  for (const std::string length : {"+2", "02", "-0", "-02", "2 ", " 2", "0x2", "2.", "", "-"}) {
    CAPTURE(length);
    CHECK(error_of("*" + length + "\r\n$3\r\nGET\r\n$1\r\na\r\n") == "ERR Protocol error: invalid multibulk length");
    CHECK(error_of("*2\r\n$3\r\nGET\r\n$" + length + "\r\na\r\n") == "ERR Protocol error: invalid bulk length");
  }
}

TEST_CASE("Who has not sent its password may send as much as Redis takes of such a client") {
  const auto error = [](const std::string& bytes, bool stranger) {
    RequestParser parser;
    parser.of_stranger(stranger);
    Command command;
    return parser.next(bytes, command) == Result::error ? parser.error() : "";
  };
  CHECK(error("*11\r\n", true) == "ERR Protocol error: unauthenticated multibulk length");
  CHECK(error("*2\r\n$4\r\nAUTH\r\n$16385\r\n", true) == "ERR Protocol error: unauthenticated bulk length");
  CHECK(error("*10\r\n$16384\r\n", true).empty());
  CHECK(error("*11\r\n$16385\r\n", false).empty());
}

TEST_CASE("A request past its limits is refused before its bytes come") {
  RequestLimits limits;
  limits.bulk_bytes = 10;
  REQUIRE(error_of("*2\r\n$11\r\n", limits) == "ERR Protocol error: invalid bulk length");
  limits = {};
  limits.request_bytes = 20;
  REQUIRE(error_of("*2\r\n$18\r\n", limits) == "ERR Protocol error: too big request");
  limits = {};
  limits.arguments = 2;
  REQUIRE(error_of("*3\r\n", limits) == "ERR Protocol error: invalid multibulk length");
}
