#include "ambassador/redis/info.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "ambassador/redis/command_table.hpp"

namespace tandem::redis {
namespace {

enum class How { first, sum, most, fixed };

struct Row {
  std::string_view section, field;
  How how;
  std::string_view value = {};  // of fixed
};

// Fields that mean something for many servers together; the rest is about one server and left out.
constexpr Row rows[] = {
    {"server", "redis_version", How::first},
    {"server", "redis_mode", How::fixed, "standalone"},
    {"server", "os", How::first},
    {"server", "arch_bits", How::first},
    {"clients", "maxclients", How::sum},
    {"clients", "blocked_clients", How::sum},
    {"memory", "used_memory", How::sum},
    {"memory", "used_memory_rss", How::sum},
    {"memory", "used_memory_peak", How::sum},
    {"memory", "used_memory_dataset", How::sum},
    {"memory", "total_system_memory", How::most},
    {"memory", "maxmemory", How::sum},
    {"memory", "maxmemory_policy", How::first},
    {"persistence", "loading", How::most},
    {"persistence", "rdb_changes_since_last_save", How::sum},
    {"persistence", "rdb_bgsave_in_progress", How::most},
    {"persistence", "aof_enabled", How::most},
    {"stats", "total_connections_received", How::sum},
    {"stats", "total_commands_processed", How::sum},
    {"stats", "instantaneous_ops_per_sec", How::sum},
    {"stats", "total_net_input_bytes", How::sum},
    {"stats", "total_net_output_bytes", How::sum},
    {"stats", "rejected_connections", How::sum},
    {"stats", "expired_keys", How::sum},
    {"stats", "evicted_keys", How::sum},
    {"stats", "keyspace_hits", How::sum},
    {"stats", "keyspace_misses", How::sum},
    {"stats", "total_error_replies", How::sum},
    {"replication", "role", How::fixed, "master"},
    {"replication", "connected_slaves", How::fixed, "0"},
    {"cpu", "used_cpu_sys", How::sum},
    {"cpu", "used_cpu_user", How::sum},
    {"cluster", "cluster_enabled", How::fixed, "0"},
};

constexpr std::string_view sections[] = {"server",      "clients", "memory",  "persistence", "stats",
                                         "replication", "cpu",     "cluster", "keyspace",    "tandem"};

using Fields = std::map<std::string_view, std::string_view>;

Fields read_fields(std::string_view text) {
  Fields fields;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find("\r\n"), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 2, text.size()));
    const std::size_t colon = line.find(':');
    if (!line.starts_with('#') && colon != line.npos) fields[line.substr(0, colon)] = line.substr(colon + 1);
  }
  return fields;
}

std::string summed(How how, std::string_view field, std::span<const Fields> nodes) {
  double total = 0;
  bool fraction = false;
  for (const Fields& node : nodes) {
    const auto found = node.find(field);
    if (found == node.end()) continue;
    const double number = std::strtod(std::string(found->second).c_str(), nullptr);
    fraction |= found->second.find('.') != std::string_view::npos;
    total = how == How::most ? std::max(total, number) : total + number;
  }
  return fraction ? fmt::format("{:.6f}", total) : fmt::format("{:.0f}", total);
}

void append_row(const Row& row, std::span<const Fields> nodes, std::string& out) {
  if (row.how == How::fixed) {
    out += fmt::format("{}:{}\r\n", row.field, row.value);
    return;
  }
  const auto has = [&](const Fields& node) { return node.count(row.field) > 0; };
  const auto first = std::find_if(nodes.begin(), nodes.end(), has);
  if (first == nodes.end()) return;
  out += fmt::format("{}:{}\r\n", row.field,
                     row.how == How::first ? std::string(first->at(row.field)) : summed(row.how, row.field, nodes));
}

// "keys=3,expires=1,avg_ttl=0" of every node's db0.
void append_keyspace(std::span<const Fields> nodes, std::string& out) {
  unsigned long long keys = 0, expires = 0;
  const auto number_after = [](std::string_view text, std::string_view name) {
    const std::size_t at = text.find(name);
    return at == text.npos ? 0ULL : std::strtoull(std::string(text.substr(at + name.size())).c_str(), nullptr, 10);
  };
  for (const Fields& node : nodes) {
    const auto found = node.find("db0");
    if (found == node.end()) continue;
    keys += number_after(found->second, "keys=");
    expires += number_after(found->second, "expires=");
  }
  if (keys > 0) out += fmt::format("db0:keys={},expires={},avg_ttl=0\r\n", keys, expires);
}

void append_tandem(const InfoFacts& facts, std::size_t answered, std::string& out) {
  out += fmt::format("tandem_version:{}\r\ntandem_state:{}\r\ntandem_slots_covered:{}\r\n", facts.version, facts.state,
                     facts.slots_covered);
  out += fmt::format("tandem_masters:{}\r\ntandem_masters_answered:{}\r\n", facts.masters.size(), answered);
  for (std::size_t i = 0; i < facts.masters.size(); ++i)
    out += fmt::format("tandem_master{}:{}\r\n", i, facts.masters[i]);
  out += fmt::format("tandem_commands_processed:{}\r\ntandem_redirections:{}\r\ntandem_topology_refreshes:{}\r\n",
                     facts.commands, facts.redirections, facts.refreshes);
}

}  // namespace

bool wants_section(std::span<const std::string> wanted, std::string_view section) {
  if (wanted.empty()) return true;
  return std::any_of(wanted.begin(), wanted.end(), [&](const std::string& word) {
    return same_word(word, section) || same_word(word, "all") || same_word(word, "default") ||
           same_word(word, "everything");
  });
}

std::string merge_info(std::span<const std::string_view> nodes, std::span<const std::string> wanted,
                       const InfoFacts& facts) {
  std::vector<Fields> read;
  for (const auto node : nodes) read.push_back(read_fields(node));
  std::string out;
  for (const std::string_view section : sections) {
    if (!wants_section(wanted, section)) continue;
    if (!out.empty()) out += "\r\n";
    std::string title(section);
    title[0] = static_cast<char>(title[0] - 32);
    out += fmt::format("# {}\r\n", section == "cpu" ? "CPU" : title);
    if (section == "server")
      out += fmt::format("tcp_port:{}\r\nuptime_in_seconds:{}\r\n", facts.tcp_port, facts.uptime_seconds);
    if (section == "clients") out += fmt::format("connected_clients:{}\r\n", facts.connected_clients);
    for (const Row& row : rows)
      if (row.section == section) append_row(row, read, out);
    if (section == "keyspace") append_keyspace(read, out);
    if (section == "tandem") append_tandem(facts, nodes.size(), out);
  }
  return out;
}

}  // namespace tandem::redis
