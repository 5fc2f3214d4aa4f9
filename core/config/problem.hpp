// Problems in what a person wrote: collected all at once, each with its place.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_set>
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

// Of one file a hundred are kept, errors before warnings, and the others counted, up to ten thousand of them: a file of
// some kilobytes can be wrong in as many places. What is said again of the same place is no problem of its own.
class Problems {
 public:
  void add(Problem problem);
  void append(const Problems& other);
  bool has_errors() const { return errors_; }
  bool empty() const { return all_.empty(); }
  bool full(
      const std::string& file) const;  // of errors: a further one is counted only, its hint need not be looked for
  const std::vector<Problem>& all() const { return all_; }  // that are kept
  void edit(const std::function<void(Problem&)>& change);   // each that is kept
  std::string text() const;  // one line each, in the order of file and place; then of each file how many more there are

 private:
  struct File {
    std::size_t errors = 0, warnings = 0;  // kept
    std::size_t more = 0;                  // counted only
    bool more_errors = false;              // among them
  };
  std::vector<Problem> all_;
  std::map<std::string, File> files_;
  std::unordered_set<std::size_t> said_;  // hashes
  bool errors_ = false;
};

// A key in a message: in quotes when it looks like one; else "(a key of 93 bytes)", as it may be a line of a file that
// is no config and nobody's to read.
std::string shown_key(std::string_view key);

// The closest of `known` by edit distance, or empty when none is close enough to be a slip.
std::string closest(std::string_view word, const std::vector<std::string>& known);

}  // namespace tandem
