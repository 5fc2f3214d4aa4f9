// V8's stacks as Node.js prints them, and its report of an exception that nobody caught.
#include "sidecars/log/record/multiline_language.hpp"

namespace tandem::shipper {
namespace {

enum State {
  none = 0,
  frames,
  properties,  // "    at f (a.js:1:2) {" and what it has beside the stack, up to "}"
  // Of a report: place, source line, caret, blank line, the error, blank line, Node's version.
  place,
  source,
  caret,
  caret_blank,
  report_frames,
  report_properties,
  report_blank,
};

// "/app/main.js:3", "node:internal/process/promises:288", "file:///app/main.mjs:3"
bool is_place(std::string_view line) {
  std::size_t end = line.size();
  while (end != 0 && is_digit(line[end - 1])) --end;
  if (end == line.size() || end < 2 || line[end - 1] != ':') return false;
  const std::string_view path = line.substr(0, end - 1);
  if (path.find(' ') != path.npos) return false;
  if (path.starts_with("node:")) return true;
  return starts_with_any(path, "/", "file:///") &&
         (path.ends_with(".js") || path.ends_with(".mjs") || path.ends_with(".cjs") || path.ends_with(".ts"));
}

bool is_caret(std::string_view line) {
  const std::string_view text = without_indent(line);
  return !text.empty() && text.find_first_not_of("^ ") == text.npos;
}

int begins(std::string_view line) { return is_place(line) ? place : none; }

int goes_on_in_stack(std::string_view line, int stack, int inner) {
  const std::string_view text = without_indent(line);
  if (is_indented(line)) {
    if (text.starts_with("... ") && text.ends_with(" ..."))
      return stack;  // "... 4 lines matching cause stack trace ..."
    if (!text.starts_with("at ")) return no_trace_line;
    return line.ends_with(" {") ? inner : stack;
  }
  return no_trace_line;
}

int goes_on(std::string_view line, int state) {
  switch (state) {
    case place:
      return source;  // any line: it is the program's text
    case source:
      return is_caret(line) ? caret : no_trace_line;
    case caret:
      if (is_blank(line)) return caret_blank;
      return report_frames;  // what was thrown is no Error
    case caret_blank:
      return report_frames;
    case properties:
    case report_properties:
      if (line == "}") return state == properties ? frames : report_frames;
      return is_indented(line) ? state : no_trace_line;
    case report_frames:
      if (is_blank(line)) return report_blank;
      if (line.starts_with("(Use `node --trace-")) return report_frames;
      if (line == "Thrown at:") return report_frames;
      return goes_on_in_stack(line, report_frames, report_properties);
    case report_blank:
      return line.starts_with("Node.js v") ? none : no_trace_line;
    default:
      return goes_on_in_stack(line, frames, properties);
  }
}

}  // namespace

const TraceLanguage node_traces = {"node", " \t/nf", "", begins, goes_on};

}  // namespace tandem::shipper
