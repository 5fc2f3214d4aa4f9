// A metric made of records, as the config has it.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/config/reader.hpp"
#include "core/observe/metrics.hpp"
#include "sidecars/log/transform/condition.hpp"

namespace tandem::shipper {

struct DerivedMetric {
  observe::MetricInfo info;               // its labels are those of the config, then `sink`
  std::vector<std::string> sources;       // of the config's labels: the fields
  std::string value;                      // the field that is added or observed; empty: 1
  std::shared_ptr<const Condition> when;  // nullptr: always
};

// The items of `counters` and `histograms`. Names and labels are what Prometheus takes
// (https://prometheus.io/docs/concepts/data_model/), and none begins as those of tandem-log itself do.
std::vector<DerivedMetric> read_derived_metrics(Reader& item);

}  // namespace tandem::shipper
