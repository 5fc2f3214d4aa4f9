// What C and C++ programs leave on stderr as they die: libstdc++'s and libc++'s terminate, glibc's aborts, assert(3),
// the sanitizers of GCC and Clang, and backtraces of gdb, Boost, glog and backtrace_symbols(3).
#include "sidecars/log/record/multiline_language.hpp"

namespace tandem::shipper {
namespace {

enum State {
  none = 0,
  signal,        // "AddressSanitizer:DEADLYSIGNAL": the rule must follow
  dying,         // terminate, assert, abort
  rule,          // "=======": the report's first line must follow
  report,        // of a sanitizer
  report_blank,  // a blank line of it
  summary,       // its last but for the shadow memory
  frames,        // of a backtrace
  old_abort,     // glibc before 2.26: "*** Error in `./a': ..." with backtrace and memory map
};

bool is_rule(std::string_view line) { return line.size() >= 10 && line.find_first_not_of('=') == line.npos; }

// What follows "==4711==": empty when it is no such line.
std::string_view after_pid(std::string_view line) {
  if (!line.starts_with("==")) return {};
  const std::size_t digits = leading_digits(line.substr(2));
  if (digits == 0 || line.substr(2 + digits, 2) != "==") return {};
  return line.substr(4 + digits);
}

bool opens_report(std::string_view line) {
  const std::string_view text = after_pid(line);
  return starts_with_any(text, "ERROR: ", "WARNING: MemorySanitizer") ||
         starts_with_any(line, "WARNING: ThreadSanitizer", "FATAL: ThreadSanitizer");
}

// "#3  0x00007f in main () at a.cpp:3", " 0# f() at a.cpp:3" (Boost), "    @  0x7f f()" (glog), "./a(+0x12) [0x55]".
bool is_frame(std::string_view line) {
  const std::string_view text = without_indent(line);
  if (text.empty()) return false;
  if (text[0] == '#') {
    const std::size_t digits = leading_digits(text.substr(1));
    return digits != 0 && digits <= 4 && text.substr(1 + digits, 1) == " ";
  }
  if (is_digit(text[0])) {
    const std::size_t digits = leading_digits(text);
    return digits <= 4 && text.substr(digits, 2) == "# ";
  }
  if (text[0] == '@') return is_indented(line) && without_indent(text.substr(1)).starts_with("0x");
  if (line.back() != ']' || (line[0] != '.' && line[0] != '/')) return false;
  const std::size_t address = line.rfind("[0x");
  return address != line.npos && address != 0 && (line[address - 1] == ' ' || line[address - 1] == ')');
}

bool is_abort_of_libc(std::string_view line) {
  if (line.starts_with("*** ")) {
    return line.ends_with(" detected ***: terminated") ||
           (line.find(" detected ***: ") != line.npos && line.ends_with(" terminated"));
  }
  return starts_with_any(line, "free(): ", "malloc(): ", "realloc(): ", "munmap_chunk(): ", "corrupted ",
                         "double free or corruption");
}

// UndefinedBehaviorSanitizer shows the memory below this line.
bool is_pointer_note(std::string_view line) {
  return line.starts_with("0x") && line.ends_with(": note: pointer points here");
}

int begins(std::string_view line) {
  if (line.empty()) return none;
  if (line.ends_with("Sanitizer:DEADLYSIGNAL")) return signal;
  if (is_rule(line)) return rule;
  if (opens_report(line)) return report;
  if (line.starts_with("*** Error in `")) return old_abort;
  if (starts_with_any(line, "terminate called ", "libc++abi: ") || is_abort_of_libc(line)) return dying;
  if (line.ends_with("' failed.") && line.find(": Assertion `") != line.npos) return dying;
  return none;
}

bool belongs_to_report(std::string_view line) {
  if (is_indented(line) || line.starts_with("=>") || !after_pid(line).empty() || line.ends_with(" here:")) return true;
  return starts_with_any(line, "0x", "READ of size ", "WRITE of size ", "Address 0x", "The signal is caused by",
                         "Hint: ", "HINT: ", "AddressSanitizer", "Direct leak of ", "Indirect leak of ", "Thread T",
                         "previously allocated", "allocated by", "freed by", "Register values:", "Uninitialized ",
                         "Objects leaked", "-----------------------------------------------------",
                         "Suppressions used:", "Memory was marked ");
}

int goes_on_in_report(std::string_view line, int state) {
  if (after_pid(line) == "ABORTING") return dying;
  if (line.starts_with("SUMMARY: ")) return summary;
  if (state == summary) {
    // ThreadSanitizer ends with a rule; the others go on with shadow memory or end here.
    if (is_rule(line)) return none;
    if (is_blank(line) || is_indented(line) || !after_pid(line).empty() || starts_with_any(line, "=>", "Shadow byte") ||
        line == "Exiting" || is_signal_obituary(line))
      return summary;
    return no_trace_line;
  }
  if (is_blank(line)) return report_blank;
  return belongs_to_report(line) ? report : no_trace_line;
}

int goes_on(std::string_view line, int state) {
  switch (state) {
    case signal:
      return is_rule(line) ? rule : no_trace_line;
    case rule:
      return opens_report(line) ? report : no_trace_line;
    case report:
    case report_blank:
    case summary:
      return goes_on_in_report(line, state);
    case dying:
      if (is_indented(line) || is_signal_obituary(line)) return dying;
      break;
    case old_abort:
      if (line.starts_with("======= ") || is_signal_obituary(line)) return old_abort;
      if (is_indented(line) || line.find('-') == 8 || line.find('-') == 12) return old_abort;
      return is_frame(line) ? old_abort : no_trace_line;
    case frames:
      if (is_indented(line) || is_signal_obituary(line)) return frames;
      break;
    default:
      break;
  }
  return is_frame(line) || is_pointer_note(line) ? frames : no_trace_line;
}

}  // namespace

const TraceLanguage cpp_traces = {"cpp", " \t#*=WFtlfmrcd0123456789", "].L", begins, goes_on};

}  // namespace tandem::shipper
