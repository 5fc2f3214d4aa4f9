#include "sidecars/log/transform/derived_metric.hpp"

#include <algorithm>
#include <cctype>
#include <set>

namespace tandem::shipper {
namespace {

using observe::MetricType;

bool is_name(std::string_view text, bool colons) {
  const auto letter = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (colons && c == ':');
  };
  return !text.empty() && letter(text[0]) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

// Every name that will stand on a line of the exposition.
std::vector<std::string> exposed_names(const observe::MetricInfo& info) {
  if (info.type != MetricType::histogram) return {info.name};
  return {info.name, info.name + "_bucket", info.name + "_sum", info.name + "_count"};
}

void read_metric_name(Reader& one, observe::MetricInfo& info, std::set<std::string>& taken) {
  info.name = one.required_string("name");
  if (info.name.empty()) return;
  if (!is_name(info.name, true))
    one.problem("name", "\"" + info.name + "\" is no name of a metric", "letters, digits, _ and :, no digit first");
  for (const char* prefix : {"tandem_", "process_"})
    if (info.name.starts_with(prefix))
      one.problem("name", "names with " + std::string(prefix) + " are tandem-log's own",
                  "for example app_" + info.name);
  for (const auto& name : exposed_names(info))
    if (!taken.insert(name).second) one.problem("name", "the name \"" + name + "\" is taken");
}

void read_labels(Reader& one, DerivedMetric& metric) {
  for (const auto& [label, field] : one.string_map("labels")) {
    const bool reserved = label == "sink" || label == "le" || label.starts_with("__");
    if (!is_name(label, false))
      one.problem("labels", "\"" + label + "\" is no name of a label", "letters, digits and _, no digit first");
    if (reserved) one.problem("labels", "the label \"" + label + "\" is reserved", "choose another name");
    if (field.empty()) one.problem("labels", "the label \"" + label + "\" has no field");
    metric.info.labels.push_back(label);
    metric.sources.push_back(field);
  }
  metric.info.labels.push_back("sink");
}

void read_buckets(Reader& one, std::vector<double>& buckets) {
  buckets = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
  const Node* const list = one.node("buckets");
  if (!list) return;
  std::vector<double> bounds;
  for (const Node& node : list->items)
    if (const auto bound = node.as_number()) bounds.push_back(*bound);
  const bool rising = std::adjacent_find(bounds.begin(), bounds.end(), std::greater_equal<>()) == bounds.end();
  if (!list->is_sequence() || bounds.empty() || bounds.size() != list->items.size() || !rising || bounds.size() > 100) {
    one.problem("buckets", "1 to 100 rising numbers are wanted", "for example [0.1, 0.5, 1, 5]");
  } else {
    buckets = std::move(bounds);
  }
}

DerivedMetric read_metric(Reader& one, MetricType type, std::set<std::string>& taken) {
  DerivedMetric metric;
  metric.info.type = type;
  read_metric_name(one, metric.info, taken);
  metric.info.help = one.string("help", "Derived from records.");
  read_labels(one, metric);
  if (type == MetricType::histogram) {
    metric.value = one.required_string("field");
    read_buckets(one, metric.info.buckets);
  } else {
    metric.value = one.string("add");
  }
  const std::string when = one.string("when");
  std::string problem;
  if (!when.empty()) metric.when = parse_condition(when, problem);
  if (!problem.empty()) one.problem("when", problem);
  one.done();
  return metric;
}

}  // namespace

std::vector<DerivedMetric> read_derived_metrics(Reader& item) {
  std::vector<DerivedMetric> metrics;
  std::set<std::string> taken;
  item.each("counters", [&](Reader& one) { metrics.push_back(read_metric(one, MetricType::counter, taken)); });
  item.each("histograms", [&](Reader& one) { metrics.push_back(read_metric(one, MetricType::histogram, taken)); });
  if (metrics.empty())
    item.problem("", "at least one of counters and histograms is needed",
                 "for example counters: [{name: app_errors_total}]");
  return metrics;
}

}  // namespace tandem::shipper
