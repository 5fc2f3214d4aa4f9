// Where a command goes. Pure: a command, its row and the slot map give a decision; nothing is sent.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ambassador/redis/command_table.hpp"
#include "ambassador/redis/request_parser.hpp"
#include "ambassador/redis/slot_map.hpp"

namespace tandem::redis {

enum class Target : std::uint8_t { one_node, split, all_masters, any_master, scan, here, refuse };

enum class Refusal : std::uint8_t {
  none,
  unknown_command,
  wrong_arity,
  cross_slot,
  transaction,
  pubsub,
  blocking,
  cluster,
  admin,
  script_subcommand,
};

struct Route {
  Target target = Target::refuse;
  Refusal refusal = Refusal::none;
  MergeKind merge = MergeKind::none;
  std::uint16_t slot = 0;  // of one_node
  NodeId node = no_node;   // of one_node; no_node: nobody owns the slot
};

// The arguments that are keys: first, first + step, ... up to and with last. Empty when first is 0.
struct KeyRange {
  std::size_t first = 0, last = 0, step = 1;
};

// False: the arguments do not tell (a node will say what is wrong with them).
bool find_keys(const Command& command, const CommandRow& row, KeyRange& keys);

// `row`: find_command(args[0]), nullptr when there is none.
Route route(const Command& command, const CommandRow* row, const SlotMap& map);

// The error reply's text for a refusal: as Redis says it, or what is not there yet.
std::string refusal_text(Refusal refusal, const Command& command, const CommandRow* row);

// One slot's share of a split command.
struct SplitPart {
  std::uint16_t slot = 0;
  std::vector<std::uint32_t> keys;  // which keys, counted from 0 in the client's order
  std::string request;              // RESP
};

// For Target::split.
std::vector<SplitPart> plan_split(const Command& command, const CommandRow& row);

}  // namespace tandem::redis
