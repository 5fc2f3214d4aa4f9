// Problems in what a person wrote: collected all at once, each with its place.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tandem {

// A place in a text; both count from 1, and 0 means unknown.
struct Mark {
  std::uint32_t line = 0, column = 0;
};

enum class Severity { error, warning };

struct Problem {
  std::string file;
  Mark mark;
  std::string path;     // field path: spec.containers[0].image
  std::string message;  // what is wrong
  std::string hint;     // what to do: "did you mean \"image\"?"; may be empty
  Severity severity = Severity::error;
};

// "file:line:column: path: message; hint"; parts that are unknown are left out.
std::string to_string(const Problem& problem);

class Problems {
 public:
  void add(Problem problem) { all_.push_back(std::move(problem)); }
  void append(Problems other);
  bool has_errors() const;
  bool empty() const { return all_.empty(); }
  const std::vector<Problem>& all() const { return all_; }
  std::string text() const;  // one line each, in the order of file and place

 private:
  std::vector<Problem> all_;
};

// The closest of `known` by edit distance, or empty when none is close enough to be a slip.
std::string closest(std::string_view word, const std::vector<std::string>& known);

}  // namespace tandem
