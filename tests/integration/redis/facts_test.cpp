// What we say about Redis, against Redis itself.
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "ambassador/redis/command_table.hpp"
#include "ambassador/redis/slot.hpp"
#include "tests/support/redis/cluster.hpp"

using namespace tandem;
using namespace tandem::test;

TEST_CASE("The command table has the facts that redis-server's COMMAND has") {
  const std::string bytes = shared_cluster().nodes()[0]->ask({"COMMAND"});
  redis::Reply reply;
  REQUIRE(redis::parse_reply(bytes, reply));
  REQUIRE(reply.items.size() == redis::command_rows().size());
  for (const redis::Reply& item : reply.items) {
    CAPTURE(item.items[0].text);
    const redis::CommandRow* row = redis::find_command(item.items[0].text);
    REQUIRE(row != nullptr);
    REQUIRE(row->arity == item.items[1].integer);
    std::string flags;
    for (const redis::Reply& flag : item.items[2].items) flags += (flags.empty() ? "" : " ") + std::string(flag.text);
    REQUIRE(row->flags == flags);
    REQUIRE(row->first_key == item.items[3].integer);
    REQUIRE(row->last_key == item.items[4].integer);
    REQUIRE(row->step == item.items[5].integer);
  }
}

TEST_CASE("Slots are those of CLUSTER KEYSLOT, hash tags included") {
  std::vector<std::string> keys = {"",
                                   "foo",
                                   "bar",
                                   "{foo}",
                                   "a{foo}b",
                                   "{}a",
                                   "{a",
                                   "a}",
                                   "{{a}}",
                                   "a{b}{c}",
                                   std::string("\0\r\n{\xff}", 6),
                                   std::string(5000, 'x')};
  for (int i = 0; i < 500; ++i) keys.push_back("key:" + std::to_string(i * 7919));
  std::string requests;
  for (const std::string& key : keys) requests += request({"CLUSTER", "KEYSLOT", key});
  RawClient client(shared_cluster().nodes()[0]->port());
  const auto replies = client.pipeline(requests, keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i)
    REQUIRE(replies[i] == ":" + std::to_string(redis::key_slot(keys[i])) + "\r\n");
}
