// Path patterns: * and ? and [a-z] within one name, ** for any number of folders.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tandem::shipper {

// Whether one name (no '/') matches one pattern part. As a shell: a leading dot is matched only by a literal dot,
// `[!a]` and `[^a]` negate, `\` takes the next character as it is; an unclosed `[` is a literal.
bool match_name(std::string_view pattern, std::string_view name);

class Glob {
 public:
  explicit Glob(std::string_view pattern);  // repeated slashes count as one; a last ** means **/*

  const std::string& pattern() const { return pattern_; }
  bool matches(std::string_view path) const;  // the whole path

  // The longest leading folder without a wildcard: "/logs" for "/logs/*.log". Where listing begins.
  const std::string& root() const { return root_; }
  // The parts below root(), each for one name; "**" stands for any number of folders.
  const std::vector<std::string>& parts() const { return parts_; }

 private:
  std::string pattern_, root_;
  std::vector<std::string> parts_;
};

}  // namespace tandem::shipper
