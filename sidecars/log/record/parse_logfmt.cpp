#include "sidecars/log/record/parse_logfmt.hpp"

#include <cstring>

#include "sidecars/log/record/parse_escape.hpp"

namespace tandem::shipper {
namespace {

bool separates(char c) { return static_cast<unsigned char>(c) <= ' '; }

// The end of the string that begins at `at`, after its quote; nullptr: it has none.
const char* closing_quote(const char* at, const char* end, bool& escapes) {
  escapes = false;
  for (; at != end; ++at) {
    if (*at == '"') return at;
    if (*at != '\\') continue;
    escapes = true;
    if (++at == end) return nullptr;
  }
  return nullptr;
}

bool read_quoted(const char*& at, const char* end, Event& event, std::string_view& value) {
  bool escapes = false;
  const char* const from = at + 1;
  const char* const quote = closing_quote(from, end, escapes);
  if (!quote) return false;
  value = {from, static_cast<std::size_t>(quote - from)};
  at = quote + 1;
  if (!escapes) return true;
  char* const copy = event.claim(value.size());
  std::memcpy(copy, value.data(), value.size());
  if (!repair_json_escapes(copy, copy + value.size())) return false;
  value = {copy, static_cast<std::size_t>(undo_json_escapes({copy, value.size()}, copy) - copy)};
  return true;
}

bool read_pairs(const char* at, const char* end, Event& event, ParsedFields& fields) {
  bool is_logfmt = false;
  for (;;) {
    while (at != end && separates(*at)) ++at;
    if (at == end) return is_logfmt;
    const char* const name = at;
    while (at != end && !separates(*at) && *at != '=' && *at != '"') ++at;
    if (at == name || (at != end && *at == '"')) return false;
    Field& field = fields.emplace_back();
    field.name = {name, static_cast<std::size_t>(at - name)};
    if (at == end || *at != '=') {
      field.text = "true";
      field.literal = true;
      continue;
    }
    is_logfmt = true;
    ++at;
    if (at != end && *at == '"') {
      if (!read_quoted(at, end, event, field.text)) return false;
      continue;
    }
    const char* const from = at;
    while (at != end && !separates(*at) && *at != '"') ++at;
    if (at != end && *at == '"') return false;
    field.text = {from, static_cast<std::size_t>(at - from)};
  }
}

}  // namespace

bool parse_logfmt(std::string_view text, Event& event, ParsedFields& fields) {
  fields.clear();
  if (!read_pairs(text.data(), text.data() + text.size(), event, fields)) {
    fields.clear();
    return false;
  }
  drop_repeated_names(fields);
  return true;
}

}  // namespace tandem::shipper
