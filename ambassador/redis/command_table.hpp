// One row per Redis command: what Redis 7.0 says of it, and how we route and merge it. Also the source of COMMAND's
// replies and of the reference.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace tandem::redis {

enum class RouteKind : std::uint8_t {
  by_key,       // the node of its keys' one slot
  split,        // cut by slot, sent to each slot's node, merged
  all_masters,  // the same to each master, merged
  any_master,
  scan,    // master after master; the cursor says which
  script,  // SCRIPT: LOAD, EXISTS and FLUSH to each master
  here,    // answered by us
  refuse_transaction,
  refuse_pubsub,
  refuse_blocking,
  refuse_cluster,  // as a Redis without cluster support does
  refuse_admin,    // about one server, and there are many
};

enum class KeyPlace : std::uint8_t {
  none,
  range,       // first, last, step
  counted_1,   // argument 1 is the number of keys, which follow
  counted_2,   // the same at argument 2
  streams,     // after the word STREAMS, the first half of what is left
  subcommand,  // argument 2 when there is one (OBJECT ENCODING key)
};

enum class MergeKind : std::uint8_t {
  none,
  values,       // arrays, put back in the order of the keys
  sum,          // integers
  all_ok,       // the first reply
  concatenate,  // arrays
  minimum,      // arrays of integers, the least of each place
  info,         // INFO texts
};

struct CommandRow {
  std::string_view name;
  int arity;  // with the name; negative: at least
  std::string_view flags;
  int first_key, last_key, step;  // last_key < 0 counts from the end
  RouteKind route;
  KeyPlace keys;
  MergeKind merge;
  std::string_view group;
  std::string_view since;
  bool read_only;  // may be sent again when its connection was lost
  std::uint16_t index;

  bool arity_fits(std::size_t arguments) const {
    return arity < 0 ? arguments >= static_cast<std::size_t>(-arity) : arguments == static_cast<std::size_t>(arity);
  }
};

std::span<const CommandRow> command_rows();  // by name

// nullptr: Redis 7.0 has no such command. Any letter case.
const CommandRow* find_command(std::string_view name);

bool same_word(std::string_view given, std::string_view lower);  // letter case of `given` does not matter

// What we do with the command, for COMMAND DOCS and the reference: "goes to its keys' node", ...
std::string_view route_summary(RouteKind route);

}  // namespace tandem::redis
