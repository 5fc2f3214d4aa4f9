// What a Redis stream has.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/support/redis/cluster.hpp"

namespace tandem::test {

using Entry = std::map<std::string, std::string>;

// In the stream's order. Asks the server at that port.
inline std::vector<Entry> entries_of(int port, const std::string& stream) {
  RawClient client(port);
  const std::string bytes = client.ask({"XRANGE", stream, "-", "+"});
  redis::Reply reply;
  if (!redis::parse_reply(bytes, reply) || reply.kind != redis::Reply::Kind::array)
    throw std::runtime_error("XRANGE: " + bytes.substr(0, 200));
  std::vector<Entry> all;
  for (const auto& item : reply.items) {
    Entry& entry = all.emplace_back();
    const auto& strings = item.items.at(1).items;
    for (std::size_t i = 0; i + 1 < strings.size(); i += 2)
      entry[std::string(strings[i].text)] = std::string(strings[i + 1].text);
  }
  return all;
}

// -1: an error.
inline long long length_of(int port, const std::string& stream) {
  try {
    RawClient client(port);
    const std::string bytes = client.ask({"XLEN", stream});
    redis::Reply reply;
    return redis::parse_reply(bytes, reply) && reply.kind == redis::Reply::Kind::integer ? reply.integer : -1;
  } catch (const std::exception&) {
    return -1;
  }
}

}  // namespace tandem::test
