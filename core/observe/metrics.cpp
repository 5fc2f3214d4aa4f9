#include "core/observe/metrics.hpp"

#include <algorithm>

#include "core/os/error.hpp"

namespace tandem::observe {

Histogram::Histogram(std::vector<double> upper_bounds)
    : bounds_(std::move(upper_bounds)), counts_(bounds_.size() + 1) {}

void Histogram::observe(double value) {
  auto bucket = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
  counts_[static_cast<std::size_t>(bucket)].add();
  sum_.add(value);
}

std::uint64_t Histogram::cumulative(std::size_t bucket) const {
  double total = 0;
  for (std::size_t i = 0; i <= bucket; ++i) total += counts_[i].value();
  return static_cast<std::uint64_t>(total);
}

Metrics::Metrics(MetricTable table) { declare(table); }

void Metrics::declare(const MetricTable& more) {
  for (const auto& info : more) {
    if (families_.contains(info.name)) throw Error(Fault::bug, "declare metric", info.name, "it is declared twice");
    Family& family = families_[info.name];
    family.row = table_.size();
    table_.push_back(info);
    if (!info.labels.empty()) continue;
    if (info.type == MetricType::histogram) {
      family.histograms.try_emplace("", info.buckets);
    } else {
      family.numbers.try_emplace("");
    }
  }
}

const MetricInfo* Metrics::find(std::string_view name) const {
  const auto found = families_.find(name);
  return found == families_.end() ? nullptr : &table_[found->second.row];
}

std::size_t Metrics::series(std::string_view name) const {
  const auto found = families_.find(name);
  return found == families_.end() ? 0 : found->second.numbers.size() + found->second.histograms.size();
}

Metrics::Family& Metrics::family(std::string_view name, MetricType type, const Labels& labels, std::string& key) {
  auto found = families_.find(name);
  auto fail = [&](const char* cause) -> Error { return Error(Fault::bug, "use metric", std::string(name), cause); };
  if (found == families_.end()) throw fail("it is not in the program's table");
  const auto& info = table_[found->second.row];
  if (info.type != type) throw fail("it has another type in the table");
  if (info.labels.size() != labels.size()) throw fail("it has another number of labels in the table");
  for (std::size_t i = 0; i < labels.size(); ++i)
    key += (i ? "," : "") + info.labels[i] + "=\"" + escape_label(labels[i]) + "\"";
  return found->second;
}

Counter& Metrics::counter(std::string_view name, const Labels& labels) {
  std::string key;
  auto& of = family(name, MetricType::counter, labels, key);
  return of.numbers.try_emplace(key).first->second;
}

Gauge& Metrics::gauge(std::string_view name, const Labels& labels) {
  std::string key;
  auto& of = family(name, MetricType::gauge, labels, key);
  return of.numbers.try_emplace(key).first->second;
}

Histogram& Metrics::histogram(std::string_view name, const Labels& labels) {
  std::string key;
  auto& of = family(name, MetricType::histogram, labels, key);
  return of.histograms.try_emplace(key, table_[of.row].buckets).first->second;
}

void Metrics::remove(std::string_view name, const Labels& labels) {
  auto found = families_.find(name);
  if (found == families_.end()) return;
  std::string key;
  family(name, table_[found->second.row].type, labels, key);
  found->second.numbers.erase(key);
  found->second.histograms.erase(key);
}

void Metrics::on_collect(std::function<void()> update) { updates_.push_back(std::move(update)); }

}  // namespace tandem::observe
