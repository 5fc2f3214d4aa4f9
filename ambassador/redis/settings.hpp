// The config file of tandem-redis.
#pragma once

#include <vector>

#include "ambassador/redis/shard.hpp"
#include "core/config/node.hpp"
#include "core/config/problem.hpp"
#include "core/net/endpoint.hpp"
#include "core/run/config_keys.hpp"

namespace tandem::redis {

struct Settings {
  std::vector<net::Endpoint> listen;
  ShardOptions shard;
};

const run::ConfigTable& config_keys();

// Reads what `problems` says is fine; with problems the result is of no use.
Settings read_settings(const Document& config, Problems& problems);

}  // namespace tandem::redis
