#include "sidecars/log/multiline_settings.hpp"

namespace tandem::shipper {
namespace {

std::string listed(const std::vector<std::string>& names) {
  std::string list;
  for (const auto& name : names) list += (list.empty() ? "" : ", ") + name;
  return list;
}

std::shared_ptr<const Multiline> read_patterns(Reader& reader, const std::string& start,
                                               const std::string& continuation) {
  std::string problem;
  auto rules = make_multiline(start, continuation, problem);
  if (rules) return rules;
  // "start: RE2's words"
  const std::size_t colon = problem.find(": ");
  const std::string key = problem.substr(0, colon);
  reader.problem(key, "is no regular expression: " + problem.substr(colon + 2),
                 key == "start" ? R"(RE2's syntax, best in single quotes, e.g.  start: '^\d{4}-\d{2}-\d{2}')"
                                : R"(RE2's syntax, best in single quotes, e.g.  continuation: '^\s')");
  return nullptr;
}

std::shared_ptr<const Multiline> read_stack_traces(Reader& reader, const std::vector<std::string>& languages) {
  std::string problem;
  auto rules = make_stack_trace_rules(languages, problem);
  if (rules) return rules;
  std::string hint = "known are " + listed(stack_trace_languages()) + "; for others use start or continuation";
  for (const auto& language : languages) {
    const std::string near = closest(language, stack_trace_languages());
    if (!near.empty() && near != language) hint = "did you mean \"" + near + "\"? " + hint;
  }
  reader.problem("stackTraces", problem, hint);
  return nullptr;
}

}  // namespace

const run::ConfigTable& multiline_keys() {
  static const run::ConfigTable keys = {
      {"sources[].multiline.start", "string", "", "A line that matches (RE2, anywhere) begins a record."},
      {"sources[].multiline.continuation", "string", "",
       "A line that matches goes on with the record before it; with start too: unless it matches that."},
      {"sources[].multiline.stackTraces", "list of strings", "",
       "Instead of both: stack traces of " + listed(stack_trace_languages()) + "."},
      {"sources[].multiline.maxLines", "integer", "1000", "A record has no more lines; the next one begins another."},
      {"sources[].multiline.patience", "duration", "1s",
       "How long a record at the end of its file waits for another line."},
  };
  return keys;
}

MultilineSettings read_multiline(Reader& source) {
  MultilineSettings result;
  const bool wanted = source.has("multiline");
  Reader reader = source.object("multiline");
  const std::string start = reader.string("start"), continuation = reader.string("continuation");
  const auto languages = reader.strings("stackTraces");
  result.most_lines = static_cast<std::uint64_t>(reader.integer("maxLines", 1000, 2, 1'000'000));
  result.patience = reader.duration("patience", result.patience);
  if (result.patience <= std::chrono::nanoseconds::zero() || result.patience > std::chrono::hours(1))
    reader.problem("patience", "is more than 0s and at most 1h");
  const bool patterns = !start.empty() || !continuation.empty();
  if (patterns && !languages.empty()) {
    reader.problem("stackTraces", "start and continuation take its place",
                   "give either patterns or languages; two sources may read different files");
  } else if (patterns) {
    result.rules = read_patterns(reader, start, continuation);
  } else if (!languages.empty()) {
    result.rules = read_stack_traces(reader, languages);
  } else if (wanted) {
    source.problem("multiline", "says neither start nor continuation nor stackTraces",
                   "e.g.  multiline: {stackTraces: [java, python]}");
  }
  reader.done();
  return result;
}

}  // namespace tandem::shipper
