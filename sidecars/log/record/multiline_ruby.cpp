// Ruby's backtraces: as the interpreter prints them ("\tfrom PLACE") and as loggers do (the places alone).
#include "sidecars/log/record/multiline_language.hpp"

namespace tandem::shipper {
namespace {

enum State { none = 0, thread, frames };

// "app/a.rb:12:in `f'", Ruby 3.4 "app/a.rb:12:in 'Object#f'", "app/a.rb:12", "(irb):1:in `f'", "<internal:kernel>:18:in
// `loop'". `rest`: what follows it.
bool is_place(std::string_view text, std::string_view& rest) {
  const std::size_t in = text.find(":in ");
  if (in == text.npos || in + 5 >= text.size() || (text[in + 4] != '`' && text[in + 4] != '\'')) return false;
  std::size_t digits = in;
  while (digits != 0 && is_digit(text[digits - 1])) --digits;
  if (digits == in || digits < 2 || text[digits - 1] != ':') return false;
  const std::string_view path = text.substr(0, digits - 1);
  if (path.find(' ') != path.npos ||
      !(path.find(".r") != path.npos || path.find('/') != path.npos || starts_with_any(path, "(", "<", "-e", "bin")))
    return false;
  const std::size_t end = text.find('\'', in + 5);
  if (end == text.npos) return false;
  rest = text.substr(end + 1);
  return true;
}

int begins(std::string_view line) {
  return line.starts_with("#<Thread:") && line.find("> terminated with exception") != line.npos ? thread : none;
}

int goes_on(std::string_view line, int state) {
  std::string_view rest;
  const std::string_view text = without_indent(line);
  if (is_indented(line)) {
    if (text.starts_with("from ") && text.find(':') != text.npos) return frames;
    // "\t 3: from ...": the oldest first, as Ruby 2.5 to 2.7 print it on a terminal
    const std::size_t digits = leading_digits(text);
    if (digits != 0 && text.substr(digits).starts_with(": from ")) return frames;
    if (text.starts_with("... ") && text.ends_with(" levels...")) return frames;
  }
  if (!is_place(text, rest)) return no_trace_line;
  // With a message it begins a trace, unless it is the cause of the one before or what the thread died of.
  if (rest.empty() || state == thread || state == frames) return frames;
  return no_trace_line;
}

}  // namespace

const TraceLanguage ruby_traces = {"ruby", " \t#", "'", begins, goes_on};

}  // namespace tandem::shipper
