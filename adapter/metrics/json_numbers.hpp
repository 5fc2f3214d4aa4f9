// Any JSON document as metrics: by rules, or every number by its path.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapter/metrics/json_path.hpp"
#include "adapter/metrics/page.hpp"

namespace tandem::metrics {

struct JsonRule {
  JsonPath path;
  std::string path_text;
  std::string name;
  Kind kind = Kind::gauge;
  std::string help;
  double scale = 1;
  // A value "$1" is what the first * of the path stood for, "$2" the second.
  std::vector<std::pair<std::string, std::string>> labels;
};

struct JsonMapping {
  std::vector<JsonRule> rules;  // empty: every number becomes a gauge that is named by its path
  std::string prefix;           // of those names
};

// Numbers, booleans (0, 1) and strings that are numbers count. A rule that finds nothing is a problem. Without rules,
// list items get a label "index". A document that is deeper or has more values than the limits is refused before it
// takes memory; what a rule, or all without rules, finds past limits.json_samples is left out. Linear in the text.
Page parse_json_numbers(std::string_view text, const Labels& labels, const JsonMapping& mapping,
                        const PageLimits& limits = {});

}  // namespace tandem::metrics
