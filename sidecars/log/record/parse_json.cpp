#include "sidecars/log/record/parse_json.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cstring>

#include "sidecars/log/record/parse_escape.hpp"
#include "sidecars/log/record/parse_number.hpp"

namespace tandem::shipper {
namespace {

constexpr std::size_t least_capacity = 4096, most_kept = 64 * 1024;

constexpr char blanks[] = " \t\r\n";

bool is_json_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

using Starts = const std::uint32_t*;

// Walks the starts of tokens that the first stage found: { } [ ] : , and the first byte of each string and of whatever
// else there is. A token ends before the next one's start, blanks apart. Each function is given where a token may begin
// and returns where the next one does; nullptr: this is not what was looked for. The last token is a }, as is the
// text's last byte, and behind it a start of { must have been put: which nothing looks for there, so no end need be
// looked for.
class Walk {
 public:
  explicit Walk(const char* text) : text_(text) {}

  char first(Starts at) const { return text_[*at]; }

  Starts string(Starts at, std::string_view& found) const {  // with its quotes
    if (first(at) != '"') return nullptr;
    found = token(at);
    return found.size() >= 2 && found.back() == '"' ? at + 1 : nullptr;
  }

  Starts value(Starts at, std::string_view& found, int depth) const {
    const char begin = first(at);
    if (begin == '"') return string(at, found);
    return begin == '{' || begin == '[' ? container(at, found, depth) : word(at, found);
  }

 private:
  std::string_view token(Starts at) const {
    const char* const begin = text_ + at[0];
    const char* end = text_ + at[1];
    while (is_json_blank(end[-1])) --end;
    return {begin, static_cast<std::size_t>(end - begin)};
  }

  Starts word(Starts at, std::string_view& found) const {
    if (first(at) == '}') return nullptr;  // it may be the last token, which no other begins behind
    found = token(at);
    const bool good = is_json_number(found) || found == "true" || found == "false" || found == "null";
    return good ? at + 1 : nullptr;
  }

  Starts container(Starts at, std::string_view& found, int depth) const {
    if (depth == deepest_json) return nullptr;
    const char* const begin = text_ + *at;
    const bool is_object = *begin == '{';
    const char closing = is_object ? '}' : ']';
    if (first(at + 1) == closing) {
      ++at;
    } else {
      std::string_view inner;
      do {
        ++at;
        if (is_object && (!(at = string(at, inner)) || first(at++) != ':')) return nullptr;
        if (!(at = value(at, inner, depth + 1))) return nullptr;
      } while (first(at) == ',');
      if (first(at) != closing) return nullptr;
    }
    found = {begin, static_cast<std::size_t>(text_ + *at + 1 - begin)};
    return at + 1;
  }

  const char* text_;
};

bool has(std::string_view text, char c) { return std::memchr(text.data(), c, text.size()) != nullptr; }

// `text` becomes a copy whose escapes are repaired and whose line breaks are blanks: no string has one of those
// unescaped, now that the first stage has looked. False: an escape is wrong, or outside of strings.
bool make_passable(std::string_view& text, Event& event) {
  char* const copy = event.claim(text.size());
  text.copy(copy, text.size());
  std::replace_if(
      copy, copy + text.size(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  text = {copy, text.size()};
  return repair_json_escapes(copy, copy + text.size());
}

std::string_view inside(std::string_view string) { return {string.data() + 1, string.size() - 2}; }

std::string_view without_escapes(std::string_view inside, Event& event) {
  if (inside.find('\\') == inside.npos) return inside;
  char* const to = event.claim(inside.size());
  return {to, static_cast<std::size_t>(undo_json_escapes(inside, to) - to)};
}

bool read_object(const char* text, Starts at, Starts end, bool escapes, Event& event, ParsedFields& fields) {
  const Walk walk(text);
  if (walk.first(at + 1) == '}') return at + 2 == end;
  std::string_view name, value;
  do {
    ++at;
    if (!(at = walk.string(at, name)) || walk.first(at++) != ':') return false;
    if (!(at = walk.value(at, value, 1))) return false;
    const bool literal = value[0] != '"';
    Field& field = fields.emplace_back();
    field.name = inside(name);
    field.text = literal ? value : inside(value);
    field.literal = literal;
    field.member = {name.data(), static_cast<std::size_t>(value.data() + value.size() - name.data())};
    if (!escapes) continue;
    field.name = without_escapes(field.name, event);
    if (!literal) field.text = without_escapes(field.text, event);
  } while (walk.first(at) == ',');
  return walk.first(at) == '}' && at + 1 == end;
}

}  // namespace

struct JsonParser::Tables {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> stages;
};

JsonParser::JsonParser() : tables_(std::make_unique<Tables>()) {}
JsonParser::~JsonParser() = default;

bool JsonParser::parse(std::string_view text, Event& event, ParsedFields& fields) {
  fields.clear();
  if (text.size() < 2 || text.size() > UINT32_MAX / 2) return false;
  const std::size_t begin = text.find_first_not_of(blanks), end = text.find_last_not_of(blanks);
  if (begin == text.npos || text[begin] != '{' || text[end] != '}') return false;
  auto& stages = tables_->stages;
  if (!stages || stages->capacity() < text.size()) {
    const std::size_t capacity = text.size() > most_kept ? text.size() : std::max(least_capacity, text.size() * 2);
    if (simdjson::get_active_implementation()->create_dom_parser_implementation(capacity, 1, stages)) return false;
  }
  bool good = false;
  // It needs no padding: the last block is copied, and a text that ends with } or a blank cuts no character.
  if (!stages->stage1(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(),
                      simdjson::stage1_mode::regular)) {
    const bool escapes = has(text, '\\');
    if (!(escapes || has(text, '\n') || has(text, '\r')) || make_passable(text, event)) {
      std::uint32_t* const starts = stages->structural_indexes.get();
      std::uint32_t* const starts_end = starts + stages->n_structural_indexes;
      *starts_end = static_cast<std::uint32_t>(begin);  // its tables have room for this
      good = read_object(text.data(), starts, starts_end, escapes, event, fields);
    }
  }
  if (stages->capacity() > 2 * most_kept) stages.reset();
  if (good) {
    drop_repeated_names(fields);
  } else {
    fields.clear();
  }
  return good;
}

}  // namespace tandem::shipper
