// The config of tandem-metrics.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "adapter/metrics/json_numbers.hpp"
#include "adapter/metrics/page.hpp"
#include "core/net/endpoint.hpp"
#include "core/run/config_keys.hpp"

namespace tandem::metrics {

struct Format;

struct Source {
  std::string name;
  const Format* format = nullptr;
  std::string url;        // of the formats that come by HTTP
  net::Endpoint address;  // of Redis
  std::string password;   // of Redis; empty: none
  std::string container;  // whose numbers these are; the source's name by default
  Labels labels;          // container and the configured ones
  std::chrono::milliseconds timeout{0};
  bool required = true;  // the pod is unhealthy without it
  JsonMapping mapping;   // of JSON
  PageLimits limits;
};

struct Settings {
  std::vector<net::Endpoint> listen;
  std::chrono::milliseconds timeout{5000};  // of a whole scrape
  std::uint64_t answer_bytes = 8u << 20;    // of one source
  PageLimits limits;                        // of each; page_bytes of all together, too
  std::vector<std::shared_ptr<const Source>> sources;
};

const run::ConfigTable& config_table();
Settings read_settings(const Document& config, Problems& problems);

}  // namespace tandem::metrics
