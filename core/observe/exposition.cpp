// Prometheus' text format 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/observe/metrics.hpp"
#include "core/observe/utf8.hpp"

namespace tandem::observe {

namespace {

std::string escape(std::string_view text, bool quotes) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    const std::size_t length = utf8_length(text, at);
    if (length == 0) {
      out += "\xef\xbf\xbd";  // U+FFFD: one byte that is no UTF-8, and Prometheus refuses the whole page
    } else if (c == '\n') {
      out += "\\n";
    } else {
      if (c == '\\' || (quotes && c == '"')) out += '\\';
      out += text.substr(at, length);
    }
    at += std::max<std::size_t>(length, 1);
  }
  return out;
}

void append_sample(std::string& out, const std::string& name, const std::string& labels, const std::string& value) {
  out += name;
  if (!labels.empty()) out += '{' + labels + '}';
  out += ' ' + value + '\n';
}

void append_histogram(std::string& out, const std::string& name, const std::string& labels, const Histogram& one) {
  std::string before = labels.empty() ? "" : labels + ",";
  auto total = one.bounds().size();
  for (std::size_t i = 0; i < total; ++i)
    append_sample(out, name + "_bucket", before + "le=\"" + format_number(one.bounds()[i]) + "\"",
                  std::to_string(one.cumulative(i)));
  auto count = std::to_string(one.cumulative(total));
  append_sample(out, name + "_bucket", before + "le=\"+Inf\"", count);
  append_sample(out, name + "_sum", labels, format_number(one.sum()));
  append_sample(out, name + "_count", labels, count);
}

}  // namespace

std::string escape_label(std::string_view value) { return escape(value, true); }
std::string escape_help(std::string_view help) { return escape(help, false); }

std::string format_number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  if (value == std::floor(value) && std::abs(value) < 1e15) return fmt::format("{:.0f}", value);
  return fmt::format("{}", value);
}

const char* type_name(MetricType type) {
  switch (type) {
    case MetricType::counter:
      return "counter";
    case MetricType::gauge:
      return "gauge";
    case MetricType::histogram:
      return "histogram";
  }
  return "untyped";
}

std::string Metrics::text() {
  for (const auto& update : updates_) update();
  std::string out;
  for (const auto& [name, family] : families_) {
    if (family.numbers.empty() && family.histograms.empty()) continue;
    const auto& info = table_[family.row];
    out += "# HELP " + name + ' ' + escape_help(info.help) + "\n# TYPE " + name + ' ' + type_name(info.type) + '\n';
    for (const auto& [labels, number] : family.numbers) append_sample(out, name, labels, format_number(number.value()));
    for (const auto& [labels, one] : family.histograms) append_histogram(out, name, labels, one);
  }
  return out;
}

}  // namespace tandem::observe
