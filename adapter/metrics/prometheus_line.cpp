#include "adapter/metrics/prometheus_line.hpp"

#include <strings.h>

#include <charconv>

#include "core/observe/utf8.hpp"

namespace tandem::metrics {

namespace {

struct NameTable {
  bool first[256] = {}, rest[256] = {};
  constexpr NameTable() {
    for (int c = 'a'; c <= 'z'; ++c) first[c] = rest[c] = true;
    for (int c = 'A'; c <= 'Z'; ++c) first[c] = rest[c] = true;
    for (int c = '0'; c <= '9'; ++c) rest[c] = true;
    first[int{'_'}] = rest[int{'_'}] = true;
  }
};
constexpr NameTable name_table;

bool is_blank(char c) { return c == ' ' || c == '\t'; }

const char* skip_blanks(const char* at, const char* end) {
  while (at != end && is_blank(*at)) ++at;
  return at;
}

// The end of the name that starts at `at`; `at` itself when there is none. Colons are for metrics only.
const char* end_of_name(const char* at, const char* end, bool colons) {
  auto fits = [&](const bool(&table)[256]) { return table[static_cast<unsigned char>(*at)] || (colons && *at == ':'); };
  if (at == end || !fits(name_table.first)) return at;
  while (at != end && fits(name_table.rest)) ++at;
  return at;
}

// Past the closing quote of a label's value, or nullptr.
const char* end_of_value(const char* at, const char* end) {
  bool ascii = true;
  for (const char* begin = at; at != end; ++at) {
    if (*at == '"') return ascii || observe::is_utf8({begin, static_cast<std::size_t>(at - begin)}) ? at + 1 : nullptr;
    if (static_cast<unsigned char>(*at) >= 0x80) ascii = false;
    if (*at != '\\') continue;
    if (++at == end || (*at != '\\' && *at != '"' && *at != 'n')) return nullptr;
  }
  return nullptr;
}

bool is_timestamp(std::string_view text) {
  long long value = 0;
  auto [stop, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failure == std::errc{} && stop == text.data() + text.size();
}

}  // namespace

bool is_float(std::string_view text) {
  bool digits = !text.empty() && text.size() <= 300;
  for (char c : text) digits = digits && c >= '0' && c <= '9';
  if (digits) return true;
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-') || text.starts_with('+')) return false;
  }
  double value = 0;
  auto [stop, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  // from_chars takes nan(...) as C does; Go does not. Out of range is fine for Go only when it rounds to 0.
  return !text.empty() && failure == std::errc{} && stop == text.data() + text.size() && text.back() != ')';
}

std::string_view SampleLine::label(std::string_view wanted) const {
  for (std::size_t i = 0; i < label_count; ++i)
    if (labels[i].name == wanted) return labels[i].value;
  return {};
}

const char* SampleLine::read(std::string_view line) {
  const char* at = line.data();
  const char* end = at + line.size();
  auto view = [](const char* from, const char* to) {
    return std::string_view(from, static_cast<std::size_t>(to - from));
  };
  label_count = 0;
  braces = {};

  const char* stop = end_of_name(at, end, true);
  if (stop == at) return "it does not start with a metric name";
  name = view(at, stop);
  at = skip_blanks(stop, end);
  if (at != end && *at == '{') {
    const char* inside = at = skip_blanks(at + 1, end);
    const char* last = at;
    while (at != end && *at != '}') {
      if (label_count == most_labels) return "it has more than 64 labels";
      stop = end_of_name(at, end, false);
      if (stop == at) return "a label name is wanted";
      auto& one = labels[label_count];
      one.name = view(at, stop);
      if (one.name == "__name__") return "the label __name__ is reserved";
      if (label(one.name).data()) return "a label is there twice";
      at = skip_blanks(stop, end);
      if (at == end || *at != '=') return "= is wanted after a label name";
      at = skip_blanks(at + 1, end);
      if (at == end || *at != '"') return "a label's value must be in quotes";
      stop = end_of_value(at + 1, end);
      if (!stop) return "a label's value does not end, has an unknown escape, or is no UTF-8";
      one.value = view(at + 1, stop - 1);
      ++label_count;
      last = stop;
      at = skip_blanks(stop, end);
      if (at != end && *at == ',') {
        at = skip_blanks(at + 1, end);
      } else if (at == end || *at != '}') {
        return ", or } is wanted after a label";
      }
    }
    if (at == end) return "} is missing";
    braces = view(inside, last);
    at = skip_blanks(at + 1, end);
  } else if (at == stop) {
    return "a value is missing";
  }

  while (end != at && is_blank(end[-1])) --end;
  tail = view(at, end);
  for (stop = at; stop != end && !is_blank(*stop);) ++stop;
  if (!is_float(view(at, stop))) return "the value is no number";
  at = skip_blanks(stop, end);
  if (at != end && !is_timestamp(view(at, end))) return "the timestamp is no integer";
  return nullptr;
}

}  // namespace tandem::metrics
