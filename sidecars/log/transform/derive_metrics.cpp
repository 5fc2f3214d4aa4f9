// Counters and histograms made of records; the records themselves stay as they are.
#include <cmath>
#include <unordered_map>

#include "core/observe/utf8.hpp"
#include "core/os/error.hpp"
#include "sidecars/log/transform/derived_metric.hpp"
#include "sidecars/log/transform/field_transforms.hpp"
#include "sidecars/log/transform/number.hpp"

namespace tandem::shipper {
namespace {

using observe::MetricType;

constexpr std::size_t most_series = 1000;  // of one metric: a field with a value per record must not fill memory
constexpr std::size_t most_label_bytes = 256;

// As Prometheus takes it: UTF-8, and of bounded length.
std::string label_value(std::string_view text) {
  std::string value;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = observe::utf8_length(text, at);
    value += length ? text.substr(at, length) : std::string_view("\xEF\xBF\xBD");
    at += std::max<std::size_t>(length, 1);
  }
  return value;
}

struct KeyHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view key) const { return std::hash<std::string_view>()(key); }
};

// One metric's series of one sink.
class Series {
 public:
  Series(DerivedMetric metric, std::string sink, observe::Metrics& metrics)
      : metric_(std::move(metric)), sink_(std::move(sink)), metrics_(metrics) {
    const observe::MetricInfo& info = metric_.info;
    const observe::MetricInfo* const known = metrics.find(info.name);
    if (!known) {
      metrics.declare({info});
    } else if (known->type != info.type || known->labels != info.labels || known->buckets != info.buckets) {
      throw Error(Fault::input, "derive the metric", info.name,
                  "it is there with another type, other labels or buckets",
                  "choose another name, or restart to change it");
    }
    if (metric_.sources.empty()) series_of("", {});
  }

  void count(const Event& event) {
    if (metric_.when && !metric_.when->holds(event)) return;
    double value = 1;
    if (!metric_.value.empty()) {
      const auto number = parse_number(event.text(metric_.value));
      if (!number) return;
      value = number->as_double();
    }
    const bool counter = metric_.info.type == MetricType::counter;
    if (!std::isfinite(value) || (counter && value < 0)) return;
    Place& place = find(event);
    if (counter) {
      place.number->add(value);
    } else {
      place.histogram->observe(value);
    }
  }

 private:
  struct Place {
    observe::Counter* number = nullptr;
    observe::Histogram* histogram = nullptr;
  };

  static std::string_view cut(std::string_view text) { return text.substr(0, most_label_bytes); }

  Place& find(const Event& event) {
    key_.clear();
    for (const std::string& source : metric_.sources) {
      const std::string_view value = cut(event.text(source));
      key_ += static_cast<char>(value.size() >> 8);
      key_ += static_cast<char>(value.size() & 0xFF);
      key_ += value;
    }
    const auto found = places_.find(std::string_view(key_));
    if (found != places_.end()) return found->second;
    observe::Metrics::Labels labels;
    if (metrics_.series(metric_.info.name) >= most_series) {
      labels.assign(metric_.sources.size(), "other");
      return series_of("", std::move(labels));
    }
    for (const std::string& source : metric_.sources) labels.push_back(label_value(cut(event.text(source))));
    return series_of(key_, std::move(labels));
  }

  // No key of values is empty: that of the others is.
  Place& series_of(const std::string& key, observe::Metrics::Labels labels) {
    const auto [at, fresh] = places_.try_emplace(key);
    if (!fresh) return at->second;
    labels.push_back(sink_);
    if (metric_.info.type == MetricType::counter) {
      at->second.number = &metrics_.counter(metric_.info.name, labels);
    } else {
      at->second.histogram = &metrics_.histogram(metric_.info.name, labels);
    }
    return at->second;
  }

  DerivedMetric metric_;
  std::string sink_, key_;
  observe::Metrics& metrics_;
  std::unordered_map<std::string, Place, KeyHash, std::equal_to<>> places_;
};

class DeriveMetrics final : public Transform {
 public:
  DeriveMetrics(const std::vector<DerivedMetric>& metrics, const TransformContext& context) {
    observe::Metrics& into = context.metrics ? *context.metrics : own_;
    for (const DerivedMetric& metric : metrics) series_.emplace_back(metric, context.sink, into);
  }
  bool apply(Event& event) override {
    for (Series& series : series_) series.count(event);
    return true;
  }

 private:
  observe::Metrics own_{{}};  // where nobody shows them
  std::deque<Series> series_;
};

MakeTransform read_metrics(Reader& item) {
  const auto metrics = read_derived_metrics(item);
  return [metrics](const TransformContext& context) { return std::make_unique<DeriveMetrics>(metrics, context); };
}

}  // namespace

TransformType metrics_transform() {
  return {
      "metrics",
      {{"counters", "list", "", "metrics: counters on /metrics, with the label `sink` besides their own."},
       {"counters[].name", "string", "", "metrics: as it appears; by custom it ends in _total."},
       {"counters[].help", "string", "", "metrics: its line of help."},
       {"counters[].labels", "map", "",
        "metrics: LABEL: FIELD. A metric has at most 1000 series; what comes after counts as \"other\"."},
       {"counters[].when", "condition", "", "metrics: the records that count; absent: all."},
       {"counters[].add", "field", "", "metrics: whose number is added; absent: 1. Without a number nothing counts."},
       {"histograms", "list", "", "metrics: histograms on /metrics, likewise."},
       {"histograms[].name", "string", "", "metrics: as it appears, before _bucket, _sum and _count."},
       {"histograms[].help", "string", "", "metrics: its line of help."},
       {"histograms[].field", "field", "", "metrics: whose number is observed. Without a number nothing is."},
       {"histograms[].buckets", "list of numbers", "[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]",
        "metrics: upper bounds, rising."},
       {"histograms[].labels", "map", "", "metrics: LABEL: FIELD, bounded likewise."},
       {"histograms[].when", "condition", "", "metrics: the records that count; absent: all."}},
      read_metrics};
}

}  // namespace tandem::shipper
