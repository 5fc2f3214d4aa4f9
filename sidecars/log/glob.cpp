#include "sidecars/log/glob.hpp"

#include <span>

namespace tandem::shipper {
namespace {

// Matches one [...] at pattern[at]; `at` moves past it. Unclosed: false, and `at` stays.
bool match_class(std::string_view pattern, std::size_t& at, char c, bool& matched) {
  std::size_t i = at + 1;
  const bool negated = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
  if (negated) ++i;
  bool found = false;
  for (bool first = true; i < pattern.size() && (first || pattern[i] != ']'); first = false) {
    if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
    char low = pattern[i], high = low;
    if (i + 2 < pattern.size() && pattern[i + 1] == '-' && pattern[i + 2] != ']') {
      high = pattern[i + 2];
      i += 2;
    }
    found = found || (static_cast<unsigned char>(low) <= static_cast<unsigned char>(c) &&
                      static_cast<unsigned char>(c) <= static_cast<unsigned char>(high));
    ++i;
  }
  if (i >= pattern.size()) return false;
  at = i + 1;
  matched = found != negated;
  return true;
}

bool match_one(std::string_view pattern, std::size_t& at, char c) {
  if (pattern[at] == '?') return ++at, true;
  bool matched = false;
  if (pattern[at] == '[' && match_class(pattern, at, c, matched)) return matched;
  if (pattern[at] == '\\' && at + 1 < pattern.size()) ++at;
  return pattern[at++] == c;
}

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> names;
  std::string name;
  for (const char c : path) {
    if (c != '/') {
      name += c;
    } else if (!name.empty()) {
      names.push_back(std::move(name)), name.clear();
    }
  }
  if (!name.empty()) names.push_back(std::move(name));
  return names;
}

bool match_parts(std::span<const std::string> parts, std::span<const std::string> names) {
  if (parts.empty()) return names.empty();
  if (parts[0] == "**") {
    if (match_parts(parts.subspan(1), names)) return true;
    return !names.empty() && names[0][0] != '.' && match_parts(parts, names.subspan(1));
  }
  return !names.empty() && match_name(parts[0], names[0]) && match_parts(parts.subspan(1), names.subspan(1));
}

}  // namespace

bool match_name(std::string_view pattern, std::string_view name) {
  if (!name.empty() && name[0] == '.' && (pattern.empty() || (pattern[0] != '.' && pattern[0] != '\\'))) return false;
  // Backtracks to the last star only, which is enough and keeps the cost at pattern x name.
  std::size_t p = 0, n = 0, star = std::string_view::npos, star_name = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_name = n;
      continue;
    }
    std::size_t next = p;
    if (p < pattern.size() && match_one(pattern, next, name[n])) {
      p = next;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++star_name;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

Glob::Glob(std::string_view pattern) {
  parts_ = split(pattern);
  if (!parts_.empty() && parts_.back() == "**") parts_.push_back("*");
  std::size_t fixed = 0;
  const bool absolute = !pattern.empty() && pattern[0] == '/';
  while (fixed + 1 < parts_.size() && parts_[fixed].find_first_of("*?[\\") == std::string::npos) {
    root_ += (root_.empty() && !absolute ? "" : "/") + parts_[fixed];
    ++fixed;
  }
  if (root_.empty()) root_ = absolute ? '/' : '.';
  parts_.erase(parts_.begin(), parts_.begin() + static_cast<std::ptrdiff_t>(fixed));
  pattern_ = root_ == "." ? "" : root_ == "/" ? "" : root_;
  for (const auto& part : parts_) pattern_ += (pattern_.empty() && !absolute ? "" : "/") + part;
}

bool Glob::matches(std::string_view path) const {
  const auto all = split(pattern_), names = split(path);
  return (pattern_.starts_with('/') == path.starts_with('/')) && match_parts(all, names);
}

}  // namespace tandem::shipper
