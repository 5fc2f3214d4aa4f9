// Where in a JSON document: "$.a.b[0]", "$.a['b c'].*", or a JSON pointer "/a/b/0" (RFC 6901) with * as a whole step.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tandem::metrics {

struct PathStep {
  std::string key;        // a member's name, or an item's index in digits
  bool wildcard = false;  // every member or item
};
using JsonPath = std::vector<PathStep>;

std::optional<JsonPath> parse_json_path(std::string_view text, std::string& why);

}  // namespace tandem::metrics
