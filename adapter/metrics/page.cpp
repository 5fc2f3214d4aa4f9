#include "adapter/metrics/page.hpp"

#include <algorithm>

#include "core/observe/metrics.hpp"
#include "core/observe/utf8.hpp"

namespace tandem::metrics {

namespace {

constexpr std::size_t shown_problems = 5;

bool is_name(std::string_view name, bool colons) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
  return std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (colons && c == ':');
  });
}

}  // namespace

const char* kind_name(Kind kind) {
  switch (kind) {
    case Kind::counter:
      return "counter";
    case Kind::gauge:
      return "gauge";
    case Kind::histogram:
      return "histogram";
    case Kind::summary:
      return "summary";
    case Kind::untyped:
      break;
  }
  return "untyped";
}

bool is_metric_name(std::string_view name) { return is_name(name, true); }
bool is_label_name(std::string_view name) { return is_name(name, false); }

std::size_t Page::samples() const {
  std::size_t all = 0;
  for (const auto& family : families) all += family.samples;
  return all;
}

void Page::problem(std::string text) {
  if (++problem_count <= shown_problems) problems.push_back(std::move(text));
}

Labels::Labels(std::vector<std::pair<std::string, std::string>> pairs) : pairs_(std::move(pairs)) {
  for (const auto& [name, value] : pairs_)
    text_ += (text_.empty() ? "" : ",") + name + "=\"" + observe::escape_label(value) + "\"";
}

bool Labels::has(std::string_view name) const {
  return std::any_of(pairs_.begin(), pairs_.end(), [&](const auto& pair) { return pair.first == name; });
}

void PageBuilder::add(const std::string& name, Kind kind, std::string_view help,
                      const std::vector<std::pair<std::string, std::string>>& more, std::string_view value) {
  if (!is_metric_name(name)) return page_.problem("\"" + name + "\" is no metric name");
  std::string series = name + "{" + labels_.text();
  for (const auto& [label, text] : more) {
    if (!is_label_name(label) || !observe::is_utf8(text))
      return page_.problem(name + ": label \"" + label + "\" is not usable");
    if (!series.ends_with('{')) series += ',';
    series += (labels_.has(label) ? "exported_" : "") + label + "=\"" + observe::escape_label(text) + "\"";
  }
  series += "} ";
  if (series.ends_with("{} ")) series = name + " ";
  auto found =
      std::find_if(page_.families.rbegin(), page_.families.rend(), [&](const Family& one) { return one.name == name; });
  Family* family = found == page_.families.rend() ? nullptr : &*found;
  if (!family) {
    family = &page_.families.emplace_back();
    family->name = name;
    family->kind = kind;
    family->help = observe::escape_help(help);
  }
  bool again = family->lines.starts_with(series) || family->lines.find("\n" + series) != std::string::npos;
  if (again) return page_.problem(series + "is there twice");
  family->lines.append(series).append(value) += '\n';
  ++family->samples;
}

Page PageBuilder::finish() { return std::move(page_); }

}  // namespace tandem::metrics
