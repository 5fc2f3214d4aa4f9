// Fields by a regular expression with named groups.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sidecars/log/record/parse_fields.hpp"

namespace tandem::shipper {

enum class FieldType { string, number, boolean };

// Has scratch memory of its own: one for each thread.
class RegexParser {
 public:
  virtual ~RegexParser() = default;
  // A field for each named group that took part in the match, in the order of the groups; a group that did not
  // is left out. Of several groups of one name ((?P<a>x)|(?P<a>y)) the last that took part counts. False: no match.
  virtual bool parse(std::string_view text, ParsedFields& fields) = 0;
};

// RE2's syntax; found anywhere in the text unless anchored. `types`: a group that is a number (as JSON writes them), or
// true or false, becomes a literal; what does not fit stays a string. nullptr: `problem` says what is wrong with the
// pattern (RE2's error, no named group, a type for a group that is not there).
std::unique_ptr<RegexParser> make_regex_parser(const std::string& pattern,
                                               const std::vector<std::pair<std::string, FieldType>>& types,
                                               std::string& problem);

}  // namespace tandem::shipper
