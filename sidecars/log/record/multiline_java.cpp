// Throwable.printStackTrace() of the JVM (Java, Kotlin, Scala) and what logging frameworks print in its way: frames and
// causes say of themselves what they are, so nothing need be known of the line before them.
#include "sidecars/log/record/multiline_language.hpp"

namespace tandem::shipper {
namespace {

enum State { none = 0, frames = 1 };

// "... 12 more", "... 3 common frames omitted" (logback)
bool is_elision(std::string_view text) {
  if (!text.starts_with("... ")) return false;
  text.remove_prefix(4);
  const std::size_t digits = leading_digits(text);
  return digits != 0 && starts_with_any(text.substr(digits), " more", " common frames omitted");
}

// java.rmi.RemoteException: ..., below a line that ends in "nested exception is:"
bool names_throwable(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && text[end] != ':' && text[end] != ' ') ++end;
  const std::string_view name = text.substr(0, end);
  return name.find('.') != name.npos &&
         (name.ends_with("Exception") || name.ends_with("Error") || name.ends_with("Throwable"));
}

int begins(std::string_view) { return none; }

int goes_on(std::string_view line, int state) {
  if (line.starts_with("Caused by: ")) return frames;
  if (!is_indented(line)) return no_trace_line;
  if (state == frames) return frames;
  const std::string_view text = without_indent(line);
  if (starts_with_any(text, "at ", "eval at ", "Caused by: ", "Suppressed: ") || is_elision(text) ||
      names_throwable(text))
    return frames;
  return no_trace_line;
}

}  // namespace

const TraceLanguage java_traces = {"java", " \tC", "", begins, goes_on};

}  // namespace tandem::shipper
