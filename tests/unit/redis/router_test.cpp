#include "ambassador/redis/router.hpp"

#include <catch2/catch.hpp>
#include <sstream>

using namespace tandem::redis;

namespace {

// The line outlives the command: tests pass literals.
Command words(std::string_view line) {
  Command command;
  while (!line.empty()) {
    const auto end = std::min(line.find(' '), line.size());
    command.args.push_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return command;
}

SlotMap three_nodes() {
  SlotMap map;
  map.assign(0, 5460, 0);
  map.assign(5461, 10922, 1);
  map.assign(10923, 16383, 2);
  return map;
}

Route routed(std::string_view line) {
  const Command command = words(line);
  return route(command, find_command(command.args[0]), three_nodes());
}

std::string refused(std::string_view line) {
  const Command command = words(line);
  const CommandRow* row = find_command(command.args[0]);
  const Route result = route(command, row, three_nodes());
  REQUIRE(result.target == Target::refuse);
  return refusal_text(result.refusal, command, row);
}

}  // namespace

TEST_CASE("A command goes to the node of its key's slot") {
  const Route result = routed("GET foo");
  REQUIRE(result.target == Target::one_node);
  REQUIRE(result.slot == 12182);
  REQUIRE(result.node == 2);
  REQUIRE(routed("set bar 1").node == 0);
}

TEST_CASE("Keys are found wherever the command has them") {
  for (const char* line :
       {"EVAL s 1 foo a b", "evalsha x 2 foo {foo}2", "ZUNION 2 foo {foo}b", "LMPOP 1 foo LEFT", "SINTERCARD 1 foo",
        "XREAD COUNT 2 STREAMS foo 0", "XREADGROUP GROUP g c STREAMS foo {foo}b > >", "OBJECT ENCODING foo",
        "XINFO STREAM foo", "MEMORY USAGE foo", "BITOP AND foo {foo}a {foo}b", "ZUNIONSTORE foo 1 {foo}x",
        "RENAME foo {foo}2", "SORT foo", "fcall f 1 foo"}) {
    CAPTURE(line);
    REQUIRE(routed(line).target == Target::one_node);
    REQUIRE(routed(line).slot == 12182);
  }
}

TEST_CASE("A command without keys, or with a number of keys that is none, goes to any master") {
  for (const char* line : {"EVAL s 0", "EVAL s x", "EVAL s 9 a", "OBJECT HELP", "RANDOMKEY", "ZUNION x y"}) {
    CAPTURE(line);
    REQUIRE(routed(line).target == Target::any_master);
  }
}

TEST_CASE("Several keys of one slot are one command, of several slots are split or refused") {
  REQUIRE(routed("MGET {a}1 {a}2").target == Target::one_node);
  REQUIRE(routed("MGET foo bar").target == Target::split);
  REQUIRE(routed("MGET foo bar").merge == MergeKind::values);
  REQUIRE(routed("DEL foo bar").merge == MergeKind::sum);
  REQUIRE(refused("SUNION foo bar") == "CROSSSLOT Keys in request don't hash to the same slot");
  REQUIRE(refused("MSETNX foo 1 bar 2") == "CROSSSLOT Keys in request don't hash to the same slot");
  REQUIRE(refused("EVAL s 2 foo bar") == "CROSSSLOT Keys in request don't hash to the same slot");
}

TEST_CASE("What Redis refuses is refused in its words") {
  REQUIRE(refused("nope a b") == "ERR unknown command 'nope', with args beginning with: 'a' 'b' ");
  REQUIRE(refused("GET") == "ERR wrong number of arguments for 'get' command");
  REQUIRE(refused("MSET a 1 b") == "ERR wrong number of arguments for 'mset' command");
  REQUIRE(refused("CLUSTER SLOTS") == "ERR This instance has cluster support disabled");
}

TEST_CASE("What is not there yet says so") {
  for (const char* line :
       {"MULTI", "WATCH a", "SUBSCRIBE c", "PUBLISH c m", "BLPOP l 0", "XREAD BLOCK 0 STREAMS s 0"}) {
    CAPTURE(line);
    REQUIRE(refused(line).find("not there yet") != std::string::npos);
  }
  REQUIRE(refused("SHUTDOWN").find("about one server") != std::string::npos);
  REQUIRE(refused("SCRIPT KILL").find("SCRIPT LOAD") != std::string::npos);
}

TEST_CASE("A slot without an owner is routed to no node") {
  const Command command = words("GET foo");
  const Route result = route(command, find_command("get"), SlotMap());
  REQUIRE(result.target == Target::one_node);
  REQUIRE(result.node == no_node);
}

TEST_CASE("A split command becomes one command per slot, that knows whose keys it has") {
  const Command command = words("MSET foo 1 bar 2 {foo}x 3");
  const auto parts = plan_split(command, *find_command("mset"));
  REQUIRE(parts.size() == 2);
  REQUIRE(parts[0].slot == 12182);
  REQUIRE(parts[0].keys == std::vector<std::uint32_t>{0, 2});
  REQUIRE(parts[0].request == "*5\r\n$4\r\nMSET\r\n$3\r\nfoo\r\n$1\r\n1\r\n$6\r\n{foo}x\r\n$1\r\n3\r\n");
  REQUIRE(parts[1].keys == std::vector<std::uint32_t>{1});
  REQUIRE(parts[1].request == "*3\r\n$4\r\nMSET\r\n$3\r\nbar\r\n$1\r\n2\r\n");
}
