#include "adapter/metrics/redis_info.hpp"

#include <algorithm>
#include <iterator>
#include <string>

#include "adapter/metrics/prometheus_line.hpp"
#include "core/observe/mask_secret.hpp"

namespace tandem::metrics {

namespace {

struct Row {
  std::string_view field;
  const char* name;
  Kind kind;
  const char* help;
};

// Sorted by field.
constexpr Row rows[] = {
    {"active_defrag_running", "redis_active_defrag_running", Kind::gauge, "Whether active defragmentation is running."},
    {"aof_enabled", "redis_aof_enabled", Kind::gauge, "Whether the append only file is on."},
    {"aof_rewrite_in_progress", "redis_aof_rewrite_in_progress", Kind::gauge, "Whether an AOF rewrite is running."},
    {"blocked_clients", "redis_blocked_clients", Kind::gauge, "Clients waiting in a blocking command."},
    {"cluster_enabled", "redis_cluster_enabled", Kind::gauge, "Whether cluster mode is on."},
    {"connected_clients", "redis_connected_clients", Kind::gauge, "Client connections."},
    {"connected_slaves", "redis_connected_slaves", Kind::gauge, "Connected replicas."},
    {"evicted_keys", "redis_evicted_keys_total", Kind::counter, "Keys evicted for maxmemory."},
    {"expired_keys", "redis_expired_keys_total", Kind::counter, "Keys that expired."},
    {"instantaneous_ops_per_sec", "redis_instantaneous_ops_per_sec", Kind::gauge, "Commands processed per second."},
    {"keyspace_hits", "redis_keyspace_hits_total", Kind::counter, "Look-ups of keys that were there."},
    {"keyspace_misses", "redis_keyspace_misses_total", Kind::counter, "Look-ups of keys that were not there."},
    {"latest_fork_usec", "redis_latest_fork_usec", Kind::gauge, "Duration of the latest fork in microseconds."},
    {"loading", "redis_loading_dump_file", Kind::gauge, "Whether a dump file is being loaded."},
    {"master_repl_offset", "redis_master_repl_offset", Kind::gauge, "The server's replication offset."},
    {"maxclients", "redis_config_maxclients", Kind::gauge, "Client connections allowed."},
    {"maxmemory", "redis_memory_max_bytes", Kind::gauge, "The maxmemory setting, 0 for none."},
    {"mem_fragmentation_ratio", "redis_mem_fragmentation_ratio", Kind::gauge, "Resident memory to used memory."},
    {"migrate_cached_sockets", "redis_migrate_cached_sockets_total", Kind::gauge, "Sockets open for MIGRATE."},
    {"pubsub_channels", "redis_pubsub_channels", Kind::gauge, "Channels with subscribers."},
    {"pubsub_patterns", "redis_pubsub_patterns", Kind::gauge, "Patterns with subscribers."},
    {"rdb_bgsave_in_progress", "redis_rdb_bgsave_in_progress", Kind::gauge, "Whether an RDB save is running."},
    {"rdb_changes_since_last_save", "redis_rdb_changes_since_last_save", Kind::gauge, "Changes since the last dump."},
    {"rdb_last_save_time", "redis_rdb_last_save_timestamp_seconds", Kind::gauge, "Time of the last successful save."},
    {"rejected_connections", "redis_rejected_connections_total", Kind::counter, "Connections refused for maxclients."},
    {"slave_repl_offset", "redis_slave_repl_offset", Kind::gauge, "A replica's replication offset."},
    {"tandem_commands_processed", "redis_ambassador_commands_processed_total", Kind::counter,
     "Commands that the ambassador has processed."},
    {"tandem_masters", "redis_ambassador_masters", Kind::gauge, "Masters that the ambassador knows."},
    {"tandem_masters_answered", "redis_ambassador_masters_answered", Kind::gauge, "Masters that answered this INFO."},
    {"tandem_redirections", "redis_ambassador_redirections_total", Kind::counter,
     "MOVED and ASK that the ambassador followed."},
    {"tandem_slots_covered", "redis_ambassador_slots_covered", Kind::gauge, "Hash slots with a known master."},
    {"tandem_topology_refreshes", "redis_ambassador_topology_refreshes_total", Kind::counter,
     "Times that the ambassador read the slot map."},
    {"total_commands_processed", "redis_commands_processed_total", Kind::counter, "Commands processed."},
    {"total_connections_received", "redis_connections_received_total", Kind::counter, "Connections accepted."},
    {"total_net_input_bytes", "redis_net_input_bytes_total", Kind::counter, "Bytes received."},
    {"total_net_output_bytes", "redis_net_output_bytes_total", Kind::counter, "Bytes sent."},
    {"uptime_in_seconds", "redis_uptime_in_seconds", Kind::gauge, "Time since the start."},
    {"used_cpu_sys", "redis_cpu_sys_seconds_total", Kind::counter, "System CPU time."},
    {"used_cpu_user", "redis_cpu_user_seconds_total", Kind::counter, "User CPU time."},
    {"used_memory", "redis_memory_used_bytes", Kind::gauge, "Bytes allocated by Redis."},
    {"used_memory_lua", "redis_memory_used_lua_bytes", Kind::gauge, "Bytes used by Lua."},
    {"used_memory_peak", "redis_memory_used_peak_bytes", Kind::gauge, "The most bytes allocated by Redis."},
    {"used_memory_rss", "redis_memory_used_rss_bytes", Kind::gauge, "Resident memory."},
};
static_assert(std::is_sorted(std::begin(rows), std::end(rows),
                             [](const Row& a, const Row& b) { return a.field < b.field; }));

const Row* find_row(std::string_view field) {
  auto found = std::lower_bound(std::begin(rows), std::end(rows), field,
                                [](const Row& row, auto key) { return row.field < key; });
  return found != std::end(rows) && found->field == field ? found : nullptr;
}

// Calls `visit` for each NAME<equals>VALUE of a list with commas.
template <class Visit>
void each_pair(std::string_view list, const Visit& visit) {
  while (!list.empty()) {
    auto end = std::min(list.find(','), list.size());
    auto pair = list.substr(0, end);
    if (auto equals = pair.find('='); equals != std::string_view::npos)
      visit(pair.substr(0, equals), pair.substr(equals + 1));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
}

// db0:keys=1,expires=0,avg_ttl=0
void add_database(PageBuilder& builder, std::string_view field, std::string_view value) {
  std::vector<std::pair<std::string, std::string>> label = {{"db", std::string(field)}};
  each_pair(value, [&](std::string_view key, std::string_view number) {
    if (!is_float(number)) return;
    if (key == "keys") builder.add("redis_db_keys", Kind::gauge, "Keys by database.", label, number);
    if (key == "expires")
      builder.add("redis_db_keys_expiring", Kind::gauge, "Keys that expire, by database.", label, number);
  });
}

bool is_database(std::string_view field) {
  return field.size() > 2 && field.starts_with("db") &&
         field.find_first_not_of("0123456789", 2) == std::string_view::npos;
}

}  // namespace

Page parse_redis_info(std::string_view text, const Labels& labels, const PageLimits& limits, std::string_view secret) {
  PageBuilder builder(labels, limits);
  std::vector<std::pair<std::string, std::string>> about;
  while (!text.empty() && !builder.page().refused) {
    auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    auto colon = line.find(':');
    if (line.starts_with('#') || colon == std::string_view::npos) continue;
    auto field = line.substr(0, colon), value = line.substr(colon + 1);
    if (field == "redis_version" || field == "redis_mode" || field == "role" || field == "os" ||
        field == "tandem_version") {
      bool again = std::any_of(about.begin(), about.end(), [&](const auto& one) { return one.first == field; });
      if (!again) about.emplace_back(field, observe::mask_secret(value, secret));
    } else if (field == "master_link_status") {
      builder.add("redis_master_link_up", Kind::gauge, "Whether a replica is connected to its master.", {},
                  value == "up" ? "1" : "0");
    } else if (is_database(field)) {
      add_database(builder, field, value);
    } else if (const Row* row = find_row(field)) {
      if (is_float(value))
        builder.add(row->name, row->kind, row->help, {}, value);
      else
        builder.page().problem(std::string(field) + " is no number");
    }
  }
  if (!about.empty()) builder.add("redis_instance_info", Kind::gauge, "Always 1; what this server is.", about, "1");
  if (builder.page().families.empty() && !builder.page().refused)
    builder.page().problem("this is no INFO of a Redis server");
  return builder.finish();
}

}  // namespace tandem::metrics
