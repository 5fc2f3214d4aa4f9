// CPython's tracebacks (Lib/traceback.py), chained ones and groups, and faulthandler's reports.
#include "sidecars/log/record/multiline_language.hpp"

namespace tandem::shipper {
namespace {

enum State {
  none = 0,
  headline,     // says that a traceback will follow
  frames,       // the exception's own line is still to come
  exception,    // it came; a blank line may lead to the next of a chain
  group,        // indented to its end
  stack,        // frames without an exception
  maybe_chain,  // a blank line after an exception
  chain,        // "During handling of ..."
  chain_blank,  // and the blank line after it
  fatal,        // a report of faulthandler's
  fatal_blank,
};

constexpr std::string_view traceback = "Traceback (most recent call last):";

bool joins_exceptions(std::string_view line) {
  return is_any(line, "During handling of the above exception, another exception occurred:",
                "The above exception was the direct cause of the following exception:");
}

// "ValueError: text", "KeyboardInterrupt", "app.errors.Lost: text", "__main__.f.<locals>.Lost": a name that may be one
// of Python's, then nothing or ": ".
bool is_exception_line(std::string_view line) {
  std::size_t end = 0;
  for (; end < line.size(); ++end) {
    const auto c = static_cast<unsigned char>(line[end]);
    const bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
    if (!letter && c != '_' && c != '<' && c != '>' && c < 0x80 && (end == 0 || (c != '.' && !is_digit(line[end]))))
      break;
  }
  if (end == 0) return false;
  return end == line.size() || (line[end] == ':' && (end + 1 == line.size() || line[end + 1] == ' '));
}

// The state after a line that opens a traceback; none: it does not.
int opens(std::string_view line) {
  if (!line.ends_with(traceback)) return none;
  return without_indent(line).starts_with("+ Exception Group") ? group : frames;
}

int begins(std::string_view line) {
  if (const int state = opens(line)) return state;
  if (line.starts_with("Exception in thread ") || line.starts_with("Exception ignored ") ||
      line == "--- Logging error ---")
    return headline;
  if (line.starts_with("Fatal Python error: ")) return fatal;
  // A group that was never raised itself has no traceback.
  if (starts_with_any(line, "  | ExceptionGroup: ", "  | BaseExceptionGroup: ")) return group;
  // The compiler's own errors have no traceback.
  if (line.starts_with("  File \"") && line.find("\", line ") != line.npos) return frames;
  return none;
}

int no_or(int state) { return state == none ? no_trace_line : state; }

int goes_on_after_exception(std::string_view line) {
  if (is_blank(line)) return maybe_chain;
  if (is_indented(line)) return exception;
  if (line == "Call stack:") return frames;  // of a logging error: "Message: ..." ends it, "Arguments: ..." is last
  return line.starts_with("Arguments: (") ? exception : no_trace_line;
}

int goes_on_in_fatal(std::string_view line, int state) {
  if (is_blank(line)) return fatal_blank;
  if (is_indented(line)) return fatal;
  if (starts_with_any(line, "Current thread 0x", "Thread 0x",
                      "Extension modules: ", "Python runtime state: ", "<no Python frame>"))
    return fatal;
  return state == fatal && is_signal_obituary(line) ? fatal : no_trace_line;
}

int goes_on(std::string_view line, int state) {
  if (joins_exceptions(line)) return chain;
  if (line == "Stack (most recent call last):") return stack;  // logging's stack_info: of the message before it
  switch (state) {
    case headline:
      return no_or(opens(line));
    case frames:
      if (is_indented(line)) return frames;
      return is_exception_line(line) ? exception : no_trace_line;
    case exception:
      return goes_on_after_exception(line);
    case group:
      if (is_blank(line)) return maybe_chain;
      return is_indented(line) ? group : no_trace_line;
    case stack:
      return is_indented(line) ? stack : no_trace_line;
    case chain:
      if (is_blank(line)) return chain_blank;
      [[fallthrough]];
    case chain_blank:
      if (const int state_after = opens(line)) return state_after;
      return is_exception_line(line) ? exception : no_trace_line;
    case fatal:
    case fatal_blank:
      return goes_on_in_fatal(line, state);
    default:
      return no_trace_line;
  }
}

}  // namespace

const TraceLanguage python_traces = {"python", " -DEFST", ":", begins, goes_on};

}  // namespace tandem::shipper
