#include "adapter/metrics/json_numbers.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "adapter/metrics/prometheus_line.hpp"
#include "core/config/json_text.hpp"
#include "core/observe/metrics.hpp"

namespace tandem::metrics {

namespace {

using Json = nlohmann::json;

// What a document would take in memory, before it does: its values, each of which has a comma or is the first in
// something that opens, and how deep they are. Of what is no JSON it says nothing of use.
struct Extent {
  std::size_t values = 1, depth = 0;
};

Extent extent_of(std::string_view text, std::size_t most_depth) {
  Extent extent;
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size() && extent.depth <= most_depth; ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == ',') {
      ++extent.values;
    } else if (c == '[' || c == '{') {
      ++extent.values;
      extent.depth = std::max(extent.depth, ++depth);
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return extent;
}

std::optional<std::string> number_text(const Json& value, double scale) {
  if (value.is_boolean()) return value.get<bool>() ? "1" : "0";
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    if (!is_float(text)) return std::nullopt;
    if (scale == 1) return text;
    double number = 0;
    std::from_chars(text.data() + (text[0] == '+'), text.data() + text.size(), number);
    return observe::format_number(number * scale);
  }
  if (!value.is_number()) return std::nullopt;
  if (value.is_number_integer() && scale == 1) return json_text(value);
  return observe::format_number(value.get<double>() * scale);
}

// The label value of a rule: "$1" stands for what the first wildcard met.
std::string filled(const std::string& text, const std::vector<std::string>& met) {
  if (text.size() == 2 && text[0] == '$' && text[1] >= '1' && text[1] <= '9') {
    auto which = static_cast<std::size_t>(text[1] - '1');
    if (which < met.size()) return met[which];
  }
  return text;
}

// Each is counted, the first is told.
void past_samples(Page& page, const std::string& path, std::size_t count, const PageLimits& limits) {
  if (count > limits.json_samples + 1) {
    ++page.left_out["jsonSamples"];
    return;
  }
  page.leave_out("jsonSamples", path + ": more than limits.jsonSamples (" + std::to_string(limits.json_samples) +
                                    ") numbers; the rest is left out");
}

class Applying {
 public:
  Applying(PageBuilder& builder, const JsonRule& rule, const PageLimits& limits)
      : builder_(builder), rule_(rule), limits_(limits) {}

  void at(const Json& value, std::size_t step) {
    if (step == rule_.path.size()) return found(value);
    const auto& wanted = rule_.path[step];
    if (wanted.wildcard) {
      for (const auto& [key, item] : value.items()) {
        if (value.is_primitive()) return;
        if (key.size() > limits_.label_bytes) {
          builder_.page().leave_out("labelBytes",
                                    rule_.path_text + ": a member's name is longer than limits.labelBytes");
          continue;
        }
        met_.push_back(key);
        at(item, step + 1);
        met_.pop_back();
      }
    } else if (value.is_object()) {
      if (auto member = value.find(wanted.key); member != value.end()) at(*member, step + 1);
    } else if (value.is_array()) {
      std::size_t index = 0;
      auto [stop, failure] = std::from_chars(wanted.key.data(), wanted.key.data() + wanted.key.size(), index);
      if (failure == std::errc{} && stop == wanted.key.data() + wanted.key.size() && index < value.size())
        at(value[index], step + 1);
    }
  }
  bool applied() const { return count_ > 0; }

 private:
  void found(const Json& value) {
    auto number = number_text(value, rule_.scale);
    if (!number) return;
    if (++count_ > limits_.json_samples) return past_samples(builder_.page(), rule_.path_text, count_, limits_);
    std::vector<std::pair<std::string, std::string>> labels;
    for (const auto& [name, text] : rule_.labels) labels.emplace_back(name, filled(text, met_));
    builder_.add(rule_.name, rule_.kind, rule_.help, labels, *number);
  }

  PageBuilder& builder_;
  const JsonRule& rule_;
  const PageLimits& limits_;
  std::vector<std::string> met_;
  std::size_t count_ = 0;
};

// A key as part of a metric name: what may not stand there becomes _.
std::string name_part(const std::string& key) {
  std::string out;
  for (char c : key) {
    bool upper = c >= 'A' && c <= 'Z';
    bool fits = (c >= 'a' && c <= 'z') || upper || (c >= '0' && c <= '9') || c == '_';
    if (upper && !out.empty() && out.back() >= 'a' && out.back() <= 'z') out += '_';
    out += upper ? static_cast<char>(c - 'A' + 'a') : fits ? c : '_';
  }
  return out;
}

class Mapping {
 public:
  Mapping(PageBuilder& builder, const std::string& prefix, const PageLimits& limits)
      : builder_(builder), prefix_(prefix), limits_(limits) {}

  void at(const Json& value, const std::string& name, const std::string& path) {
    if (value.is_object()) {
      for (const auto& [key, item] : value.items()) {
        if (prefix_.size() + name.size() + 1 + key.size() > limits_.name_bytes) {
          builder_.page().leave_out("nameBytes", path + ": a name would be longer than limits.nameBytes");
          continue;
        }
        at(item, name.empty() ? name_part(key) : name + "_" + name_part(key), path + "." + key);
      }
    } else if (value.is_array()) {
      for (std::size_t i = 0; i < value.size(); ++i) {
        index_.push_back(std::to_string(i));
        at(value[i], name, path + "[" + index_.back() + "]");
        index_.pop_back();
      }
    } else if (!value.is_string()) {
      leaf(value, name, path);
    }
  }

 private:
  void leaf(const Json& value, const std::string& name, const std::string& path) {
    auto number = number_text(value, 1);
    if (!number) return;
    if (++count_ > limits_.json_samples) return past_samples(builder_.page(), "$", count_, limits_);
    auto full = prefix_ + (name.empty() ? "value" : name);
    if (full[0] >= '0' && full[0] <= '9') full.insert(0, "_");
    std::vector<std::pair<std::string, std::string>> labels;
    for (std::size_t i = 0; i < index_.size(); ++i)
      labels.emplace_back(i == 0 ? "index" : "index" + std::to_string(i + 1), index_[i]);
    builder_.add(full, Kind::gauge, "The number at " + path + ".", labels, *number);
  }

  PageBuilder& builder_;
  const std::string& prefix_;
  const PageLimits& limits_;
  std::vector<std::string> index_;
  std::size_t count_ = 0;
};

}  // namespace

Page parse_json_numbers(std::string_view text, const Labels& labels, const JsonMapping& mapping,
                        const PageLimits& limits) {
  PageBuilder builder(labels, limits);
  const Extent extent = extent_of(text, limits.json_depth);
  if (extent.depth > limits.json_depth)
    builder.page().refuse("jsonDepth",
                          "it is nested deeper than limits.jsonDepth (" + std::to_string(limits.json_depth) + ")");
  else if (extent.values > limits.json_values)
    builder.page().refuse("jsonValues",
                          "it has more values than limits.jsonValues (" + std::to_string(limits.json_values) + ")");
  if (builder.page().refused) return builder.finish();
  auto document = parse_json(text);
  if (document.is_discarded()) {
    builder.page().problem("this is no JSON");
    return builder.finish();
  }
  for (const auto& rule : mapping.rules) {
    Applying applying(builder, rule, limits);
    applying.at(document, 0);
    if (!applying.applied()) builder.page().problem(rule.path_text + ": there is no number");
  }
  if (mapping.rules.empty()) Mapping(builder, mapping.prefix, limits).at(document, "", "$");
  return builder.finish();
}

}  // namespace tandem::metrics
