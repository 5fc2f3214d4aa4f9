#include "adapter/metrics/page.hpp"

#include <algorithm>

#include "core/observe/metrics.hpp"
#include "core/observe/utf8.hpp"

namespace tandem::metrics {

namespace {

constexpr std::size_t shown_problems = 5;
constexpr std::size_t longest_problem = 300;  // they have the source's own words in them

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
  if (++problem_count > shown_problems) return;
  if (text.size() > longest_problem) text = text.substr(0, longest_problem) + "...";
  problems.push_back(std::move(text));
}

void Page::leave_out(const char* limit, std::string text) {
  ++left_out[limit];
  problem(std::move(text));
}

void Page::refuse(const char* limit, std::string why) {
  refused = true;
  families = {};
  bytes = 0;
  ++left_out[limit];
  ++problem_count;
  problems.insert(problems.begin(), std::move(why));
}

bool Page::grow(std::size_t more, const PageLimits& limits) {
  bytes += more;
  if (bytes <= limits.page_bytes) return true;
  refuse("pageBytes", "it has more to say than limits.pageBytes (" + std::to_string(limits.page_bytes) + ")");
  return false;
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
  if (page_.refused) return;
  if (name.size() > limits_.name_bytes)
    return page_.leave_out("nameBytes", "a metric's name is longer than limits.nameBytes: " + name.substr(0, 100));
  if (!is_metric_name(name)) return page_.problem("\"" + name + "\" is no metric name");
  std::string series = name + "{" + labels_.text();
  for (const auto& [label, text] : more) {
    if (text.size() > limits_.label_bytes)
      return page_.leave_out("labelBytes", name + ": label \"" + label + "\" is longer than limits.labelBytes");
    if (!is_label_name(label) || !observe::is_utf8(text))
      return page_.problem(name + ": label \"" + label + "\" is not usable");
    if (!series.ends_with('{')) series += ',';
    series += (labels_.has(label) ? "exported_" : "") + label + "=\"" + observe::escape_label(text) + "\"";
  }
  series += "} ";
  if (series.ends_with("{} ")) series = name + " ";
  if (!seen_.insert(name, series)) return page_.problem(series + "is there twice");
  if (++samples_ > limits_.samples)
    return page_.refuse("samples", "it has more than limits.samples (" + std::to_string(limits_.samples) + ") samples");
  auto [found, fresh] = families_.try_emplace(name, page_.families.size());
  if (fresh) {
    std::string escaped = observe::escape_help(help);
    if (!page_.grow(Page::family_bytes + name.size() + escaped.size(), limits_)) return;
    Family& family = page_.families.emplace_back();
    family.name = name;
    family.kind = kind;
    family.help = std::move(escaped);
  }
  if (!page_.grow(series.size() + value.size() + 1, limits_)) return;
  Family& family = page_.families[found->second];
  family.lines.append(series).append(value) += '\n';
  ++family.samples;
}

Page PageBuilder::finish() { return std::move(page_); }

}  // namespace tandem::metrics
