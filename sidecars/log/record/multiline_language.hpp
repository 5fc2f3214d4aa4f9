// How one language's runtime prints stack traces, as a machine over lines.
#pragma once

#include <cstddef>
#include <string_view>

#include "core/text/characters.hpp"

namespace tandem::shipper {

// A record's state is 0 (nothing of a trace was seen) to 15. Lines are never empty of meaning: a blank one is a line.
// All functions take lines without newline and CR.
struct TraceLanguage {
  const char* name;
  // A line with neither of these first bytes nor of these last bytes begins nothing (begins() is 0), and goes on with
  // no record whose state is 0. What most lines are is known by this much.
  std::string_view first_bytes, last_bytes;
  int (*begins)(std::string_view line);              // the state after a record's first line
  int (*goes_on)(std::string_view line, int state);  // the state after it; no_trace_line: it begins another record
};
constexpr int no_trace_line = -1;

extern const TraceLanguage java_traces, python_traces, go_traces, cpp_traces, node_traces, ruby_traces;

// What they have in common.

inline bool is_blank(std::string_view line) { return line.find_first_not_of(" \t") == line.npos; }
inline bool is_indented(std::string_view line) {
  return !line.empty() && (line[0] == ' ' || line[0] == '\t') && !is_blank(line);
}
inline std::string_view without_indent(std::string_view line) {
  const std::size_t at = line.find_first_not_of(" \t");
  return at == line.npos ? std::string_view() : line.substr(at);
}
inline std::size_t leading_digits(std::string_view text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  return count;
}
template <class... Words>
bool starts_with_any(std::string_view text, Words... words) {
  return (text.starts_with(words) || ...);
}
template <class... Words>
bool is_any(std::string_view text, Words... words) {
  return ((text == words) || ...);
}
// `text` is one of `words` or goes on after it with " (core dumped)": what a shell says of a process that a signal
// ended.
inline bool is_signal_obituary(std::string_view text) {
  constexpr std::string_view dumped = " (core dumped)";
  if (text.ends_with(dumped)) text.remove_suffix(dumped.size());
  return is_any(text, "Aborted", "Segmentation fault", "Bus error", "Illegal instruction", "Floating point exception",
                "Killed", "Terminated", "Trace/breakpoint trap");
}

}  // namespace tandem::shipper
