// Panics and fatal errors of Go's runtime (runtime/panic.go, runtime/traceback.go).
#include "sidecars/log/record/multiline_language.hpp"

namespace tandem::shipper {
namespace {

enum State {
  none = 0,
  panic,     // "panic: ..." and what the runtime adds to it
  blank,     // a blank line of a report: another goroutine may follow
  function,  // a goroutine's next line names a function
  place,     // the next one says where that is
  done,      // "exit status 2"
};

// "goroutine 1 [running]:", "goroutine 7 [chan receive, 3 minutes, locked to thread]:", "goroutine 1 gp=0xc0 m=0 [..]:"
bool is_goroutine(std::string_view line) {
  return line.starts_with("goroutine ") && leading_digits(line.substr(10)) != 0 && line.ends_with("]:");
}

// "main.(*server).handle(0xc000010, {0x4b0, 0x1})", "panic({0x45e, 0x48})", "main.Map[...](...)": no space before the
// arguments, and nothing after them.
bool is_function(std::string_view line) {
  if (line.starts_with("created by ")) return true;
  if (!line.ends_with(')') || line[0] == '(' || line[0] == ' ' || line[0] == '\t') return false;
  const std::size_t parenthesis = line.find('(');
  const std::string_view name = line.substr(0, parenthesis);
  return name.find(' ') == name.npos && (name.find('.') != name.npos || name == "panic");
}

// Registers of a report: "rax    0x0".
bool is_register(std::string_view line) {
  const std::size_t space = line.find(' ');
  return space != 0 && space <= 8 && without_indent(line.substr(space)).starts_with("0x");
}

int begins(std::string_view line) {
  if (starts_with_any(line, "panic: ", "fatal error: ", "unexpected fault address ", "runtime: ")) return panic;
  if (line.starts_with("SIG") && line.find(": ") != line.npos) return panic;
  return is_goroutine(line) ? function : none;
}

int goes_on(std::string_view line, int state) {
  if (is_goroutine(line)) return function;
  switch (state) {
    case panic:
      if (is_blank(line)) return blank;
      if (is_indented(line) ||
          starts_with_any(line, "[signal ", "fatal error: ", "PC=", "runtime stack:", "panic: ", "runtime: "))
        return panic;
      return no_trace_line;
    case blank:
      if (line == "runtime stack:") return function;
      if (is_register(line)) return blank;
      return line.starts_with("exit status ") ? done : no_trace_line;
    case function:
      if (is_blank(line)) return blank;
      if (is_function(line)) return place;
      if (line.starts_with("...") && line.ends_with("frames elided...")) return function;
      if (is_indented(line)) return function;  // "goroutine running on other thread; stack unavailable"
      return line.starts_with("exit status ") ? done : no_trace_line;
    case place:
      if (is_indented(line)) return function;
      return no_trace_line;
    default:
      return no_trace_line;
  }
}

}  // namespace

const TraceLanguage go_traces = {"go", "Sfgpru", "", begins, goes_on};

}  // namespace tandem::shipper
