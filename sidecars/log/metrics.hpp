// The metrics of tandem-log: one table, and what brings it up to date before it is read.
#pragma once

#include <map>
#include <set>
#include <string>

#include "core/observe/metrics.hpp"

namespace tandem::shipper {

class Pipeline;

const observe::MetricTable& metric_table();

// The label values of the files shown last time, by sink: those that are gone are taken down.
using ShownFiles = std::map<std::string, std::set<observe::Metrics::Labels>>;

void collect(const Pipeline& pipeline, observe::Metrics& metrics, ShownFiles& shown);
// Takes down what described a sink that is no more; what was counted stays.
void forget(const std::string& sink, observe::Metrics& metrics, ShownFiles& shown);

}  // namespace tandem::shipper
