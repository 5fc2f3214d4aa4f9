#include "sidecars/log/record/parse_json.hpp"

#include <simdjson.h>

#include <cstring>

#include "sidecars/log/record/parse_escape.hpp"
#include "sidecars/log/record/parse_number.hpp"

namespace tandem::shipper {
namespace {

constexpr std::size_t least_capacity = 4096, most_kept = 64 * 1024;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Walks the starts of tokens that the first stage found: { } [ ] : , and the first byte of each string and of whatever
// else there is. A token ends before the next one's start, blanks apart.
class Walk {
 public:
  Walk(char* text, std::size_t size, const std::uint32_t* starts, std::size_t count, bool escapes)
      : text_(text), size_(size), starts_(starts), count_(count), escapes_(escapes) {}

  bool is_at_end() const { return at_ == count_; }
  char first() const { return at_ < count_ ? text_[starts_[at_]] : '\0'; }
  char* begin() const { return text_ + starts_[at_]; }
  bool skip(char c) {
    if (first() != c) return false;
    ++at_;
    return true;
  }
  char* token_end() const {
    char* end = text_ + (at_ + 1 < count_ ? starts_[at_ + 1] : size_);
    while (is_blank(end[-1])) --end;
    return end;
  }

  bool string(char*& begin_of, char*& end_of) {  // with its quotes
    if (first() != '"') return false;
    begin_of = begin();
    end_of = token_end();
    ++at_;
    if (end_of - begin_of < 2 || end_of[-1] != '"') return false;
    return !escapes_ || repair_json_escapes(begin_of + 1, end_of - 1);
  }

  bool value(char*& begin_of, char*& end_of, int depth) {
    switch (first()) {
      case '"':
        return string(begin_of, end_of);
      case '{':
      case '[':
        return container(begin_of, end_of, depth);
      default:
        return word(begin_of, end_of);
    }
  }

 private:
  bool word(char*& begin_of, char*& end_of) {
    if (is_at_end()) return false;
    begin_of = begin();
    end_of = token_end();
    ++at_;
    const std::string_view word(begin_of, static_cast<std::size_t>(end_of - begin_of));
    return is_json_number(word) || word == "true" || word == "false" || word == "null";
  }

  bool container(char*& begin_of, char*& end_of, int depth) {
    if (depth == deepest_json) return false;
    begin_of = begin();
    const bool is_object = first() == '{';
    const char closing = is_object ? '}' : ']';
    ++at_;
    if (first() != closing) {
      char *inner_begin, *inner_end;
      do {
        if (is_object && !(string(inner_begin, inner_end) && skip(':'))) return false;
        if (!value(inner_begin, inner_end, depth + 1)) return false;
      } while (skip(','));
      if (first() != closing) return false;
    }
    end_of = begin() + 1;
    ++at_;
    return true;
  }

  char* text_;
  std::size_t size_;
  const std::uint32_t* starts_;
  std::size_t count_, at_ = 0;
  bool escapes_;
};

// Inside a string with its quotes; without escapes.
std::string_view plain(const char* begin, const char* end, bool escapes, Event& event) {
  const std::string_view inside(begin + 1, static_cast<std::size_t>(end - begin) - 2);
  if (!escapes || inside.find('\\') == inside.npos) return inside;
  char* const to = event.claim(inside.size());
  return {to, static_cast<std::size_t>(undo_json_escapes(inside, to) - to)};
}

bool read_object(Walk& walk, bool escapes, Event& event, ParsedFields& fields) {
  if (!walk.skip('{')) return false;
  if (walk.skip('}')) return walk.is_at_end();
  char *name_begin, *name_end, *begin, *end;
  do {
    if (!walk.string(name_begin, name_end) || !walk.skip(':')) return false;
    if (!walk.value(begin, end, 1)) return false;
    Field& field = fields.emplace_back();
    field.name = plain(name_begin, name_end, escapes, event);
    field.literal = *begin != '"';
    field.text = field.literal ? std::string_view(begin, static_cast<std::size_t>(end - begin))
                               : plain(begin, end, escapes, event);
    field.member = {name_begin, static_cast<std::size_t>(end - name_begin)};
  } while (walk.skip(','));
  return walk.skip('}') && walk.is_at_end();
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
  const std::size_t begin = text.find_first_not_of(" \t\r\n");  // no copy of what is plainly something else
  if (begin == text.npos || text[begin] != '{') return false;
  char* const copy = event.claim(text.size() + simdjson::SIMDJSON_PADDING);
  std::memcpy(copy, text.data(), text.size());
  std::memset(copy + text.size(), ' ', simdjson::SIMDJSON_PADDING);
  auto& stages = tables_->stages;
  if (!stages || stages->capacity() < text.size()) {
    const std::size_t capacity = text.size() > most_kept ? text.size() : std::max(least_capacity, text.size() * 2);
    if (simdjson::get_active_implementation()->create_dom_parser_implementation(capacity, 1, stages)) return false;
  }
  bool good = false;
  if (!stages->stage1(reinterpret_cast<const std::uint8_t*>(copy), text.size(), simdjson::stage1_mode::regular)) {
    // No string has one of these unescaped, now that the first stage has looked.
    for (const char line_break : {'\n', '\r'})
      for (char* at = copy; (at = static_cast<char*>(std::memchr(at, line_break, copy + text.size() - at)));) *at = ' ';
    const bool escapes = std::memchr(copy, '\\', text.size()) != nullptr;
    Walk walk(copy, text.size(), stages->structural_indexes.get(), stages->n_structural_indexes, escapes);
    good = read_object(walk, escapes, event, fields);
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
