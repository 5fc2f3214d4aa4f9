#include "ambassador/redis/scan.hpp"

#include <catch2/catch.hpp>

using namespace tandem::redis;

namespace {

SlotMap two_nodes() {
  SlotMap map;
  map.assign(0, 8191, 4);
  map.assign(8192, 16383, 2);
  return map;
}

}  // namespace

TEST_CASE("A cursor holds a slot and a node's cursor, and is positive as a signed number") {
  ScanPosition position;
  REQUIRE(parse_scan_cursor(format_scan_cursor({16383, 12345}), position));
  REQUIRE(position.slot == 16383);
  REQUIRE(position.cursor == 12345);
  REQUIRE(parse_scan_cursor("0", position));
  REQUIRE(position.slot == 0);
  for (const char* text : {"", "x", "-1", "99999999999999999999", "18446744073709551615"})
    REQUIRE_FALSE(parse_scan_cursor(text, position));
}

TEST_CASE("The scan goes from master to master and ends after the last") {
  const SlotMap map = two_nodes();
  REQUIRE(scan_reply("*2\r\n$1\r\n7\r\n*0\r\n", map, 0) == "*2\r\n$1\r\n7\r\n*0\r\n");
  const std::string next = format_scan_cursor({8192, 0});
  REQUIRE(scan_reply("*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n", map, 0) ==
          "*2\r\n$" + std::to_string(next.size()) + "\r\n" + next + "\r\n*1\r\n$1\r\na\r\n");
  REQUIRE(scan_reply("*2\r\n$1\r\n0\r\n*0\r\n", map, 8192) == "*2\r\n$1\r\n0\r\n*0\r\n");
}

TEST_CASE("Errors are passed on, and a cursor that does not fit is one") {
  REQUIRE(scan_reply("-ERR syntax error\r\n", two_nodes(), 0) == "-ERR syntax error\r\n");
  REQUIRE(scan_reply("*2\r\n$19\r\n1234567890123456789\r\n*0\r\n", two_nodes(), 0).starts_with("-ERR tandem-redis:"));
}

TEST_CASE("The node gets its own cursor and the client's options") {
  Command command;
  command.args = {"SCAN", "281474976710663", "COUNT", "5"};
  REQUIRE(scan_request(command, 7) == "*4\r\n$4\r\nSCAN\r\n$1\r\n7\r\n$5\r\nCOUNT\r\n$1\r\n5\r\n");
}
