#include "ambassador/redis/command_table.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "ambassador/redis/command_replies.hpp"
#include "ambassador/redis/reply_scanner.hpp"

using namespace tandem::redis;

namespace {

std::string ask(std::vector<std::string_view> args) {
  Command command;
  command.args = std::move(args);
  std::string out;
  answer_command(command, out);
  return out;
}

}  // namespace

TEST_CASE("Every row is found by its name in any letter case, and nothing else is") {
  for (const CommandRow& row : command_rows()) {
    std::string upper(row.name);
    std::transform(upper.begin(), upper.end(), upper.begin(),
                   [](char c) { return static_cast<char>(std::toupper(c)); });
    REQUIRE(find_command(row.name) == &row);
    REQUIRE(find_command(upper) == &row);
    REQUIRE(find_command(upper + "~") == nullptr);
  }
  REQUIRE(find_command("") == nullptr);
  REQUIRE(find_command(std::string(1000, 'g')) == nullptr);
}

TEST_CASE("Rows make sense: keys where a key decides, a merge where there is something to merge") {
  for (const CommandRow& row : command_rows()) {
    CAPTURE(row.name);
    REQUIRE((row.route == RouteKind::by_key || row.route == RouteKind::split) == (row.keys != KeyPlace::none));
    REQUIRE((row.route == RouteKind::split || row.route == RouteKind::all_masters) == (row.merge != MergeKind::none));
    if (row.keys == KeyPlace::range) REQUIRE(row.first_key > 0);
    if (row.keys == KeyPlace::range) REQUIRE(row.step > 0);
    REQUIRE_FALSE(route_summary(row.route).empty());
  }
}

TEST_CASE("Only what cannot change anything may be sent again") {
  for (const char* name : {"get", "mget", "exists", "eval_ro", "scan"}) REQUIRE(find_command(name)->read_only);
  for (const char* name : {"set", "eval", "getdel", "getex", "spop", "sort", "xreadgroup", "expire"})
    REQUIRE_FALSE(find_command(name)->read_only);
}

TEST_CASE("COMMAND tells of the commands that can be used") {
  Reply reply;
  const std::string all = ask({"command"}), count = ask({"COMMAND", "COUNT"}), list = ask({"command", "list"});
  REQUIRE(parse_reply(all, reply));
  REQUIRE(":" + std::to_string(reply.items.size()) + "\r\n" == count);
  REQUIRE(parse_reply(list, reply));
  REQUIRE(std::none_of(reply.items.begin(), reply.items.end(), [](const Reply& item) { return item.text == "blpop"; }));
  REQUIRE(std::any_of(reply.items.begin(), reply.items.end(), [](const Reply& item) { return item.text == "get"; }));
}

TEST_CASE("COMMAND INFO, DOCS and GETKEYS answer for the commands they are asked about") {
  Reply reply;
  const std::string info = ask({"command", "info", "get", "nope"});
  REQUIRE(parse_reply(info, reply));
  REQUIRE(reply.items[0].items[0].text == "get");
  REQUIRE(reply.items[0].items[1].integer == 2);
  REQUIRE(reply.items[1].kind == Reply::Kind::null);
  const std::string docs = ask({"command", "docs", "get", "nope"});
  REQUIRE(parse_reply(docs, reply));
  REQUIRE(reply.items.size() == 2);
  REQUIRE(reply.items[1].items[0].text == "summary");
  REQUIRE(ask({"command", "getkeys", "mset", "a", "1", "b", "2"}) == "*2\r\n$1\r\na\r\n$1\r\nb\r\n");
  REQUIRE(ask({"command", "getkeys", "eval", "return 1", "2", "x", "y", "z"}) == "*2\r\n$1\r\nx\r\n$1\r\ny\r\n");
  REQUIRE(ask({"command", "getkeys", "ping"}) == "-ERR The command has no key arguments\r\n");
  REQUIRE(ask({"command", "nope"}) == "-ERR unknown subcommand 'nope'. Try COMMAND HELP.\r\n");
}
