// The language of `when`: which records a transform or a sink is for.
//
//   level == "error" and status >= 500 and not (path =~ "^/health" or exists(debug))
//
// Operators, from the loosest: or, and, not; == != < <= > >= (numbers when both sides are numbers, else bytes),
// =~ !~ (RE2, finds anywhere); exists(FIELD). A field is a name, or a quoted one in field("a b"); a value is "text"
// (JSON escapes), a number, true, false or null. A field that is missing equals nothing: only != and !~ hold for it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "sidecars/log/record/event.hpp"

namespace tandem::shipper {

class Condition {
 public:
  virtual ~Condition() = default;
  virtual bool holds(const Event& event) const = 0;
};

// nullptr: `problem` says what is wrong and where ("at character 12: ..."). Nesting is bounded.
std::shared_ptr<const Condition> parse_condition(std::string_view text, std::string& problem);

}  // namespace tandem::shipper
