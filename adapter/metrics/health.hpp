// What the pod says about itself as a whole.
#pragma once

#include <string>

#include "adapter/metrics/scraper.hpp"

namespace tandem::metrics {

struct PodHealth {
  bool healthy = false;
  std::string
      json;  // {"status":"ok"|"fail","sources":[{"name":...,"container":...,"up":...,"required":...,"reason":...}]}
};

// Healthy: every required source is up. `scrape` may be nullptr: nothing was found out in time.
PodHealth pod_health(const Scrape* scrape, bool draining);

}  // namespace tandem::metrics
