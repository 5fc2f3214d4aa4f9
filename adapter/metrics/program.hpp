// tandem-metrics: many inward formats, one outward page.
#pragma once

#include "core/run/service.hpp"

namespace tandem::metrics {

run::Program program();

// How long the sources may take: below what Prometheus says in X-Prometheus-Scrape-Timeout-Seconds, and never more than
// `most`. An absent or senseless header gives `most`.
std::chrono::milliseconds scrape_limit(const std::string* header, std::chrono::milliseconds most);

}  // namespace tandem::metrics
