// Which lines of a file belong to one record.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tandem::shipper {

// Has no state of its own: one may serve many files and threads.
class Multiline {
 public:
  virtual ~Multiline() = default;
  // Whether `line` (without its newline, perhaps with a CR) goes on with the record that the lines before it are.
  // `state` is 0 before a record's first line, which is asked too (its answer is ignored), and is left for the next.
  // After `false` the line begins the next record, and `state` is already what it is after that record's first line:
  // nobody need ask again, but may, with 0, and gets the same state.
  virtual bool continues(std::string_view line, int& state) const = 0;
};

// start: a line that matches begins a record; all that follows goes on with it. continuation: a line that matches goes
// on with the record before it. With both, a line goes on when it matches continuation and not start. RE2, found
// anywhere in the line (its CR left out) unless anchored. One of both may be empty. nullptr: `problem` names the one
// that is wrong, and RE2's error.
std::shared_ptr<const Multiline> make_multiline(const std::string& start, const std::string& continuation,
                                                std::string& problem);

// The names that make_stack_trace_rules knows.
const std::vector<std::string>& stack_trace_languages();

// Stack traces as the runtimes of these languages print them: a line goes on when one of the languages says so. A trace
// is a record of its own; what a program logs on the line where its trace begins ("ERROR lost: java.io.IOException:
// ...") belongs to it, the line before does not. nullptr: `problem` names the language that is not known, or that there
// is none.
std::shared_ptr<const Multiline> make_stack_trace_rules(const std::vector<std::string>& languages,
                                                        std::string& problem);

}  // namespace tandem::shipper
