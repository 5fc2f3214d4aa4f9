#include "ambassador/redis/command_table.hpp"

#include <array>

#include "core/text/characters.hpp"

namespace tandem::redis {
namespace {

constexpr bool has_word(std::string_view words, std::string_view word) {
  for (std::size_t at = words.find(word); at != words.npos; at = words.find(word, at + 1)) {
    const bool starts = at == 0 || words[at - 1] == ' ';
    const bool ends = at + word.size() == words.size() || words[at + word.size()] == ' ';
    if (starts && ends) return true;
  }
  return false;
}

constexpr CommandRow raw_rows[] = {
#define ROW(name, arity, flags, first, last, step, route, keys, merge, group, since) \
  CommandRow{name,                                                                   \
             arity,                                                                  \
             flags,                                                                  \
             first,                                                                  \
             last,                                                                   \
             step,                                                                   \
             RouteKind::route,                                                       \
             KeyPlace::keys,                                                         \
             MergeKind::merge,                                                       \
             group,                                                                  \
             since,                                                                  \
             has_word(flags, "readonly"),                                            \
             0},
#include "ambassador/redis/command_rows.inc"
#undef ROW
};

constexpr auto numbered() {
  std::array<CommandRow, std::size(raw_rows)> rows{};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i] = raw_rows[i];
    rows[i].index = static_cast<std::uint16_t>(i);
  }
  return rows;
}

constexpr auto command_table = numbered();

// Open addressing over a table four times as large: nearly every look-up compares one name.
constexpr std::size_t buckets = 1024;
constexpr std::size_t longest_name = 32;

constexpr std::size_t hash(std::string_view name) {
  std::uint32_t h = 2166136261u;
  for (const char c : name) h = (h ^ static_cast<unsigned char>(lower(c))) * 16777619u;
  return (h ^ (h >> 15)) % buckets;
}

constexpr auto make_index() {
  std::array<std::uint16_t, buckets> index{};  // 0: empty, else row + 1
  for (std::size_t i = 0; i < command_table.size(); ++i) {
    std::size_t at = hash(command_table[i].name);
    while (index[at] != 0) at = (at + 1) % buckets;
    index[at] = static_cast<std::uint16_t>(i + 1);
  }
  return index;
}

constexpr auto name_index = make_index();

}  // namespace

std::span<const CommandRow> command_rows() { return command_table; }

bool same_word(std::string_view given, std::string_view lower_word) {
  if (given.size() != lower_word.size()) return false;
  for (std::size_t i = 0; i < given.size(); ++i)
    if (lower(given[i]) != lower_word[i]) return false;
  return true;
}

const CommandRow* find_command(std::string_view name) {
  if (name.size() > longest_name) return nullptr;
  for (std::size_t at = hash(name); name_index[at] != 0; at = (at + 1) % buckets) {
    const CommandRow& row = command_table[name_index[at] - 1u];
    if (same_word(name, row.name)) return &row;
  }
  return nullptr;
}

std::string_view route_summary(RouteKind route) {
  switch (route) {
    case RouteKind::by_key:
      return "goes to the node of its keys' slot";
    case RouteKind::split:
      return "is split by slot; the replies are merged";
    case RouteKind::all_masters:
      return "goes to every master; the replies are merged";
    case RouteKind::any_master:
      return "goes to any master";
    case RouteKind::scan:
      return "goes from master to master; the cursor says which";
    case RouteKind::script:
      return "LOAD, EXISTS and FLUSH go to every master";
    case RouteKind::here:
      return "is answered by tandem-redis";
    case RouteKind::refuse_transaction:
      return "is not there yet: transactions";
    case RouteKind::refuse_pubsub:
      return "is not there yet: publish and subscribe";
    case RouteKind::refuse_blocking:
      return "is not there yet: blocking commands";
    case RouteKind::refuse_cluster:
      return "is refused: clients see one server, not a cluster";
    case RouteKind::refuse_admin:
      return "is refused: it is about one server, and there are many";
  }
  return "";
}

}  // namespace tandem::redis
