// Several nodes' replies become the one that a single Redis would give. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ambassador/redis/command_table.hpp"

namespace tandem::redis {

struct PartReply {
  std::string bytes;                // one whole reply
  std::vector<std::uint32_t> keys;  // MergeKind::values: the places of its items in the client's order
};

// Appends the merged reply to `out`. An error of any part is the reply, the first one; so is an error of ours when a
// part is not of the shape that `kind` needs. MergeKind::info is info.hpp's.
void merge_replies(MergeKind kind, std::span<const PartReply> parts, std::string& out);

}  // namespace tandem::redis
