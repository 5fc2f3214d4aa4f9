// Prometheus' text format 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
#pragma once

#include <string_view>

#include "adapter/metrics/page.hpp"

namespace tandem::metrics {

// Copies every sample line into its family with `labels` put in front of its own labels; a label of the same name
// becomes exported_NAME, as Prometheus itself does. A line that Prometheus would refuse is left out and told as a
// problem, and so is a series that was there already. Past limits.samples or limits.page_bytes the page is refused.
// Linear in the text; nothing is allocated per sample.
Page parse_prometheus(std::string_view text, const Labels& labels, const PageLimits& limits = {});

}  // namespace tandem::metrics
