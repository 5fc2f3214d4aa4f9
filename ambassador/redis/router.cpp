#include "ambassador/redis/router.hpp"

#include <unordered_map>

#include "ambassador/redis/reply_text.hpp"

namespace tandem::redis {
namespace {

bool find_counted(const Command& command, std::size_t at, KeyRange& keys) {
  long long count = 0;
  if (at >= command.args.size() || !parse_integer(command.args[at], count) || count < 0) return false;
  if (static_cast<std::size_t>(count) > command.args.size() - at - 1) return false;
  if (count > 0) keys = {at + 1, at + static_cast<std::size_t>(count), 1};
  return true;
}

// XREAD [COUNT n] [BLOCK ms] STREAMS key... id...
std::size_t find_word(const Command& command, std::string_view lower, std::size_t end) {
  for (std::size_t i = 1; i < end; ++i)
    if (same_word(command.args[i], lower)) return i;
  return end;
}

bool find_streams(const Command& command, KeyRange& keys) {
  const std::size_t size = command.args.size();
  const std::size_t word = find_word(command, "streams", size);
  if (word == size || (size - word - 1) % 2 != 0 || size - word < 3) return false;
  keys = {word + 1, word + (size - word - 1) / 2, 1};
  return true;
}

bool has_block_option(const Command& command) {
  return find_word(command, "block", find_word(command, "streams", command.args.size())) <
         find_word(command, "streams", command.args.size());
}

Route refuse(Refusal refusal) {
  Route result;
  result.refusal = refusal;
  return result;
}

Route to(Target target, MergeKind merge = MergeKind::none) {
  Route result;
  result.target = target;
  result.merge = merge;
  return result;
}

// One node when every key has the same slot.
bool one_slot(const Command& command, const KeyRange& keys, std::uint16_t& slot) {
  slot = key_slot(command.args[keys.first]);
  for (std::size_t i = keys.first + keys.step; i <= keys.last; i += keys.step)
    if (key_slot(command.args[i]) != slot) return false;
  return true;
}

Route route_by_key(const Command& command, const CommandRow& row, const SlotMap& map) {
  KeyRange keys;
  if (row.keys == KeyPlace::streams && has_block_option(command)) return refuse(Refusal::blocking);
  if (!find_keys(command, row, keys) || keys.first == 0) return to(Target::any_master);
  Route result = to(Target::one_node);
  if (!one_slot(command, keys, result.slot)) {
    if (row.route == RouteKind::split) return to(Target::split, row.merge);
    return refuse(Refusal::cross_slot);
  }
  result.node = map.owner(result.slot);
  return result;
}

Route route_script(const Command& command) {
  if (same_word(command.args[1], "load")) return to(Target::all_masters, MergeKind::all_ok);
  if (same_word(command.args[1], "flush")) return to(Target::all_masters, MergeKind::all_ok);
  if (same_word(command.args[1], "exists")) return to(Target::all_masters, MergeKind::minimum);
  return refuse(Refusal::script_subcommand);
}

std::string quoted_arguments(const Command& command) {
  std::string text;
  for (std::size_t i = 1; i < command.args.size() && text.size() < 128; ++i)
    text += "'" + std::string(command.args[i].substr(0, 128 - text.size())) + "' ";
  return text;
}

}  // namespace

bool find_keys(const Command& command, const CommandRow& row, KeyRange& keys) {
  keys = {};
  const std::size_t size = command.args.size();
  switch (row.keys) {
    case KeyPlace::none:
      return true;
    case KeyPlace::range: {
      const auto first = static_cast<std::size_t>(row.first_key);
      const auto last =
          row.last_key < 0 ? size - static_cast<std::size_t>(-row.last_key) : static_cast<std::size_t>(row.last_key);
      if (first >= size || last >= size || last < first) return false;
      keys = {first, last, static_cast<std::size_t>(row.step)};
      return true;
    }
    case KeyPlace::counted_1:
      return find_counted(command, 1, keys);
    case KeyPlace::counted_2:
      return find_counted(command, 2, keys);
    case KeyPlace::streams:
      return find_streams(command, keys);
    case KeyPlace::subcommand:
      if (size > 2) keys = {2, 2, 1};
      return true;
  }
  return false;
}

Route route(const Command& command, const CommandRow* row, const SlotMap& map) {
  if (!row) return refuse(Refusal::unknown_command);
  if (!row->arity_fits(command.args.size())) return refuse(Refusal::wrong_arity);
  switch (row->route) {
    case RouteKind::split:
      if ((command.args.size() - 1) % static_cast<std::size_t>(row->step) != 0) return refuse(Refusal::wrong_arity);
      return route_by_key(command, *row, map);
    case RouteKind::by_key:
      return route_by_key(command, *row, map);
    case RouteKind::all_masters:
      return to(Target::all_masters, row->merge);
    case RouteKind::any_master:
      return to(Target::any_master);
    case RouteKind::scan:
      return to(Target::scan);
    case RouteKind::script:
      return route_script(command);
    case RouteKind::here:
      return to(Target::here);
    case RouteKind::refuse_transaction:
      return refuse(Refusal::transaction);
    case RouteKind::refuse_pubsub:
      return refuse(Refusal::pubsub);
    case RouteKind::refuse_blocking:
      return refuse(Refusal::blocking);
    case RouteKind::refuse_cluster:
      return refuse(Refusal::cluster);
    case RouteKind::refuse_admin:
      return refuse(Refusal::admin);
  }
  return refuse(Refusal::unknown_command);
}

std::string refusal_text(Refusal refusal, const Command& command, const CommandRow* row) {
  const std::string name = row ? std::string(row->name) : std::string(command.args[0].substr(0, 128));
  switch (refusal) {
    case Refusal::unknown_command:
      return "ERR unknown command '" + name + "', with args beginning with: " + quoted_arguments(command);
    case Refusal::wrong_arity:
      return "ERR wrong number of arguments for '" + name + "' command";
    case Refusal::cross_slot:
      return "CROSSSLOT Keys in request don't hash to the same slot";
    case Refusal::transaction:
      return "ERR '" + name + "' is not there yet: tandem-redis has no transactions; a script runs as one step";
    case Refusal::pubsub:
      return "ERR '" + name + "' is not there yet: tandem-redis has no publish and subscribe";
    case Refusal::blocking:
      return "ERR '" + name + "' is not there yet: tandem-redis has no blocking commands; ask again after a pause";
    case Refusal::cluster:
      return "ERR This instance has cluster support disabled";
    case Refusal::admin:
      return "ERR '" + name + "' is about one server; tandem-redis stands for many: ask the node itself";
    case Refusal::script_subcommand:
      return "ERR tandem-redis knows SCRIPT LOAD, EXISTS and FLUSH; ask the nodes themselves for the rest";
    case Refusal::none:
      break;
  }
  return "ERR";
}

std::vector<SplitPart> plan_split(const Command& command, const CommandRow& row) {
  std::vector<SplitPart> parts;
  std::unordered_map<std::uint16_t, std::size_t> part_of;
  const auto step = static_cast<std::size_t>(row.step);
  for (std::size_t i = 1; i < command.args.size(); i += step) {
    const std::uint16_t slot = key_slot(command.args[i]);
    const auto [at, fresh] = part_of.try_emplace(slot, parts.size());
    if (fresh) parts.emplace_back().slot = slot;
    parts[at->second].keys.push_back(static_cast<std::uint32_t>((i - 1) / step));
  }
  for (SplitPart& part : parts) {
    append_array_header(part.request, 1 + part.keys.size() * step);
    append_bulk(part.request, command.args[0]);
    for (const std::uint32_t key : part.keys)
      for (std::size_t i = 0; i < step; ++i) append_bulk(part.request, command.args[1 + key * step + i]);
  }
  return parts;
}

}  // namespace tandem::redis
