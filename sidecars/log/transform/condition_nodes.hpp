// What a parsed condition is made of.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sidecars/log/transform/condition.hpp"
#include "sidecars/log/transform/number.hpp"

namespace tandem::shipper {

using ConditionPtr = std::shared_ptr<const Condition>;

enum class Comparison { equal, unequal, less, less_equal, greater, greater_equal };

// The right side of a comparison.
struct ConditionValue {
  enum class Kind { text, number, boolean, null };
  Kind kind = Kind::text;
  std::string text;  // as it is compared to a field's bytes
  std::optional<Number> number = {};
};

ConditionPtr make_any(std::vector<ConditionPtr> parts);
ConditionPtr make_all(std::vector<ConditionPtr> parts);
ConditionPtr make_not(ConditionPtr part);
ConditionPtr make_exists(std::string field);
ConditionPtr make_comparison(std::string field, Comparison comparison, ConditionValue value);
// nullptr: `problem` is what RE2 says of the pattern.
ConditionPtr make_match(std::string field, bool wanted, const std::string& pattern, std::string& problem);

}  // namespace tandem::shipper
