// What tandem-redis counts, as Prometheus sees it.
#pragma once

#include "ambassador/redis/shard.hpp"
#include "core/observe/metrics.hpp"

namespace tandem::redis {

const observe::MetricTable& metric_table();

// The latency histogram of commands that change something or do not, for Shard::Observe.
Shard::Observe latency_observer(observe::Metrics& metrics);

// Shows the shard's numbers at each collection, as long as it lives.
void show_shard(observe::Metrics& metrics, const std::shared_ptr<Shard>& shard);

}  // namespace tandem::redis
