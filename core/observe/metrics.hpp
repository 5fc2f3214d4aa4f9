// A program's metrics: declared in one table, counted with plain adds, shown in Prometheus' text format 0.0.4.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tandem::observe {

enum class MetricType { counter, gauge, histogram };

// One row of the table. The table is also the reference page and part of --help.
struct MetricInfo {
  std::string name;  // counters end in _total, units are _seconds or _bytes
  MetricType type = MetricType::counter;
  std::string help;
  std::vector<std::string> labels = {};
  std::vector<double> buckets = {};  // of a histogram: upper bounds, rising, without +Inf
};
using MetricTable = std::vector<MetricInfo>;

// One series. Exactly one thread writes it, any thread may read it: an add is a load, an add and a store (no lock
// prefix).
class Number {
 public:
  void add(double n = 1) { value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed); }
  void set(double n) { value_.store(n, std::memory_order_relaxed); }
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};
using Counter = Number;  // add() only, or set() of a sum counted elsewhere
using Gauge = Number;

class Histogram {
 public:
  explicit Histogram(std::vector<double> upper_bounds);
  void observe(double value);
  const std::vector<double>& bounds() const { return bounds_; }
  std::uint64_t cumulative(std::size_t bucket) const;  // bounds().size() is +Inf
  double sum() const { return sum_.value(); }

 private:
  std::vector<double> bounds_;
  std::deque<Number> counts_;
  Number sum_;
};

class Metrics {
 public:
  using Labels = std::vector<std::string>;  // values, in the order of the table's label names

  explicit Metrics(MetricTable table);
  void declare(const MetricTable& more);                // before the first series of it
  const MetricInfo* find(std::string_view name) const;  // nullptr: not declared
  std::size_t series(std::string_view name) const;      // how many there are of it; 0: not declared

  // The series with these label values, made on first use. The reference stays valid as long as this object, or until
  // remove(): look it up once, keep it. A name that is not in the table, another type or a wrong number of labels
  // throws Error{bug}. One thread creates and removes series.
  Counter& counter(std::string_view name, const Labels& labels = {});
  Gauge& gauge(std::string_view name, const Labels& labels = {});
  Histogram& histogram(std::string_view name, const Labels& labels = {});
  void remove(std::string_view name, const Labels& labels);

  // Called before each exposition, to bring gauges up to date or sum what threads counted.
  void on_collect(std::function<void()> update);

  std::string text();  // every family with at least one series; families without labels always
  const MetricTable& table() const { return table_; }

 private:
  struct Family {
    std::size_t row = 0;
    std::map<std::string, Number> numbers;  // by rendered labels: a="x",b="y"
    std::map<std::string, Histogram> histograms;
  };
  Family& family(std::string_view name, MetricType type, const Labels& labels, std::string& key);

  MetricTable table_;
  std::map<std::string, Family, std::less<>> families_;
  std::vector<std::function<void()>> updates_;
};

std::string escape_label(std::string_view value);  // \ " and line feed; bytes that are no UTF-8
std::string escape_help(std::string_view help);    // \ and line feed; the same
std::string format_number(double value);           // shortest text that reads back; +Inf, -Inf, NaN
const char* type_name(MetricType type);
inline constexpr const char* text_format = "text/plain; version=0.0.4; charset=utf-8";

// process_cpu_seconds_total, process_resident_memory_bytes, process_open_fds, process_start_time_seconds and
// tandem_build_info{program,version}.
void add_process_metrics(Metrics& metrics, const std::string& program, const std::string& version);

}  // namespace tandem::observe
