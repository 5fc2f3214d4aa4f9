#include "ambassador/redis/metrics.hpp"

#include <memory>
#include <set>

namespace tandem::redis {
namespace {

using observe::MetricType;

constexpr const char* command_metric = "tandem_redis_commands_total";
constexpr const char* latency_metric = "tandem_redis_command_duration_seconds";

// Node series come and go with the nodes.
class NodeSeries {
 public:
  void show(observe::Metrics& metrics, Shard& shard) {
    std::set<std::string> now;
    shard.nodes().each([&](NodeConnection& node) {
      now.insert(node.name());
      metrics.gauge("tandem_redis_node_up", {node.name()}).set(node.state() == NodeConnection::State::up);
      metrics.gauge("tandem_redis_node_requests_in_flight", {node.name()}).set(static_cast<double>(node.in_flight()));
      metrics.gauge("tandem_redis_node_queue_bytes", {node.name()}).set(static_cast<double>(node.queued_bytes()));
    });
    for (const std::string& name : shown_) {
      if (now.count(name) > 0) continue;
      for (const char* metric : gauges) metrics.remove(metric, {name});
    }
    shown_ = std::move(now);
  }

 private:
  static constexpr const char* gauges[] = {"tandem_redis_node_up", "tandem_redis_node_requests_in_flight",
                                           "tandem_redis_node_queue_bytes"};
  std::set<std::string> shown_;
};

void show_commands(observe::Metrics& metrics, const ShardCounts& counts) {
  const auto rows = command_rows();
  for (std::size_t i = 0; i < counts.commands.size(); ++i)
    if (counts.commands[i] > 0)
      metrics.counter(command_metric, {i < rows.size() ? std::string(rows[i].name) : "unknown"})
          .set(static_cast<double>(counts.commands[i]));
}

void show_nodes_sum(observe::Metrics& metrics, Shard& shard, const ShardCounts& counts) {
  std::uint64_t sent = counts.node_sent_bytes, received = counts.node_received_bytes;
  std::uint64_t connects = counts.node_connects, failures = counts.node_failures;
  shard.nodes().each([&](const NodeConnection& node) {
    sent += node.counts.sent_bytes, received += node.counts.received_bytes;
    connects += node.counts.connects, failures += node.counts.failures;
  });
  metrics.counter("tandem_redis_node_sent_bytes_total").set(static_cast<double>(sent));
  metrics.counter("tandem_redis_node_received_bytes_total").set(static_cast<double>(received));
  metrics.counter("tandem_redis_node_connects_total").set(static_cast<double>(connects));
  metrics.counter("tandem_redis_node_failures_total").set(static_cast<double>(failures));
}

void show(observe::Metrics& metrics, Shard& shard) {
  const ShardCounts& counts = shard.counts();
  const auto counter = [&](const char* name, std::uint64_t n) { metrics.counter(name).set(static_cast<double>(n)); };
  const auto gauge = [&](const char* name, std::size_t n) { metrics.gauge(name).set(static_cast<double>(n)); };
  gauge("tandem_redis_clients", shard.clients());
  counter("tandem_redis_clients_accepted_total", counts.accepted_clients);
  counter("tandem_redis_clients_refused_total", counts.refused_clients);
  counter("tandem_redis_clients_evicted_total", counts.evicted_clients);
  counter("tandem_redis_client_received_bytes_total", counts.client_received_bytes);
  counter("tandem_redis_client_sent_bytes_total", counts.client_sent_bytes);
  gauge("tandem_redis_requests_pending", shard.pending());
  gauge("tandem_redis_requests_waiting", shard.held());
  gauge("tandem_redis_output_bytes", shard.output_bytes());
  for (const auto& [kind, n] : {std::pair("moved", counts.moved),
                                {"ask", counts.asked},
                                {"wait", counts.waited},
                                {"stranger", counts.strangers}})
    metrics.counter("tandem_redis_redirections_total", {kind}).set(static_cast<double>(n));
  for (const auto& [reason, n] : {std::pair("timeout", counts.timeouts),
                                  {"too_large", counts.too_large},
                                  {"lost_write", counts.lost_writes},
                                  {"no_node", counts.expired},
                                  {"too_many_redirections", counts.gave_up}})
    metrics.counter("tandem_redis_errors_total", {reason}).set(static_cast<double>(n));
  for (std::size_t i = 0; i < limit_names.size(); ++i)
    metrics.counter("tandem_redis_limits_total", {std::string(limit_names[i])})
        .set(static_cast<double>(counts.limits.of(i)));
  counter("tandem_redis_reads_sent_again_total", counts.resent_reads);
  counter("tandem_redis_topology_refreshes_total", shard.refreshes());
  gauge("tandem_redis_slots_covered", shard.slots().covered());
  gauge("tandem_redis_masters", shard.slots().masters().size());
  show_commands(metrics, counts);
  show_nodes_sum(metrics, shard, counts);
}

}  // namespace

const observe::MetricTable& metric_table() {
  static const observe::MetricTable table = {
      {"tandem_redis_clients", MetricType::gauge, "Connections of clients."},
      {"tandem_redis_clients_accepted_total", MetricType::counter, "Connections that were accepted."},
      {"tandem_redis_clients_refused_total", MetricType::counter,
       "Connections past limits.clients, and silent ones that gave way."},
      {"tandem_redis_clients_evicted_total", MetricType::counter,
       "Clients that were closed as they held most when all held more than limits.clientMemory."},
      {"tandem_redis_limits_total",
       MetricType::counter,
       "How often a limit had an effect: the limits of the config by their keys, Redis' own for clients before AUTH, "
       "and "
       "descriptors.",
       {"limit"}},
      {"tandem_redis_client_received_bytes_total", MetricType::counter, "Bytes read from clients."},
      {"tandem_redis_client_sent_bytes_total", MetricType::counter, "Bytes written to clients."},
      {command_metric, MetricType::counter, "Commands of clients.", {"command"}},
      {latency_metric,
       MetricType::histogram,
       "From reading a request to having its reply in turn.",
       {"kind"},
       {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5}},
      {"tandem_redis_requests_pending", MetricType::gauge, "Requests of clients without a reply."},
      {"tandem_redis_requests_waiting", MetricType::gauge, "Requests that wait for a node that can take them."},
      {"tandem_redis_output_bytes", MetricType::gauge, "Replies that clients have not taken."},
      {"tandem_redis_redirections_total", MetricType::counter, "Requests sent again, by what the node said.", {"kind"}},
      {"tandem_redis_reads_sent_again_total", MetricType::counter, "Reads sent again after a lost connection."},
      {"tandem_redis_errors_total", MetricType::counter, "Requests answered with an error of ours.", {"reason"}},
      {"tandem_redis_topology_refreshes_total", MetricType::counter, "Answers about the slots that were taken over."},
      {"tandem_redis_slots_covered", MetricType::gauge, "Hash slots with a known master, of 16384."},
      {"tandem_redis_masters", MetricType::gauge, "Masters with slots."},
      {"tandem_redis_node_up", MetricType::gauge, "Whether the node's connection is open.", {"node"}},
      {"tandem_redis_node_requests_in_flight", MetricType::gauge, "Requests the node has not answered.", {"node"}},
      {"tandem_redis_node_queue_bytes", MetricType::gauge, "Their size.", {"node"}},
      {"tandem_redis_node_sent_bytes_total", MetricType::counter, "Bytes written to nodes."},
      {"tandem_redis_node_received_bytes_total", MetricType::counter, "Bytes read from nodes."},
      {"tandem_redis_node_connects_total", MetricType::counter, "Connections to nodes that were made."},
      {"tandem_redis_node_failures_total", MetricType::counter, "Connections to nodes that failed or were lost."},
  };
  return table;
}

Shard::Observe latency_observer(observe::Metrics& metrics) {
  observe::Histogram* const reads = &metrics.histogram(latency_metric, {"read"});
  observe::Histogram* const writes = &metrics.histogram(latency_metric, {"write"});
  return [reads, writes](Clock::duration latency, bool write) {
    (write ? writes : reads)->observe(std::chrono::duration<double>(latency).count());
  };
}

void show_shard(observe::Metrics& metrics, const std::shared_ptr<Shard>& shard) {
  const auto nodes = std::make_shared<NodeSeries>();
  metrics.on_collect([&metrics, alive = std::weak_ptr(shard), nodes] {
    const auto one = alive.lock();
    if (!one) return;
    show(metrics, *one);
    nodes->show(metrics, *one);
  });
}

}  // namespace tandem::redis
