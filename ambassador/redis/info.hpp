// INFO as one Redis would give it: the nodes' numbers summed, and a section of our own. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tandem::redis {

// What "# Tandem" and the fixed lines say.
struct InfoFacts {
  std::string version;
  std::uint16_t tcp_port = 0;
  std::uint64_t uptime_seconds = 0;
  std::uint64_t connected_clients = 0;
  std::uint64_t commands = 0;
  std::uint64_t redirections = 0;
  std::uint64_t refreshes = 0;
  unsigned slots_covered = 0;
  std::string state;  // "ok", or why not ready
  std::vector<std::string> masters;
};

// `wanted`: INFO's arguments, section names in any case; none, "all", "default" and "everything" mean all of ours.
bool wants_section(std::span<const std::string> wanted, std::string_view section);

// `nodes`: the INFO texts of the masters that answered. Sections in Redis' order, then "# Tandem".
std::string merge_info(std::span<const std::string_view> nodes, std::span<const std::string> wanted,
                       const InfoFacts& facts);

}  // namespace tandem::redis
