// Recursive descent; one function for each level of binding.
#include <algorithm>

#include "sidecars/log/transform/condition_nodes.hpp"
#include "sidecars/log/transform/condition_words.hpp"

namespace tandem::shipper {
namespace {

using Kind = ConditionWord::Kind;

constexpr std::size_t most_bytes = 16 * 1024;
constexpr int most_levels = 64;

bool is_keyword(std::string_view word) {
  return word == "and" || word == "or" || word == "not" || word == "true" || word == "false" || word == "null";
}

class Parser {
 public:
  Parser(std::string_view text, std::string& problem) : text_(text), problem_(problem) { advance(); }

  ConditionPtr parse() {
    if (text_.size() > most_bytes) return fail(0, "a condition has at most 16384 bytes");
    if (word_.kind == Kind::end) return fail(0, "the condition is empty; leave the key out to take every record");
    ConditionPtr whole = any();
    if (whole && word_.kind != Kind::end) return expected("\"and\", \"or\" or the end");
    return whole;
  }

 private:
  void advance() { word_ = next_condition_word(text_, word_.at + word_.spelled.size()); }
  bool is_name(std::string_view name) const { return word_.kind == Kind::name && word_.spelled == name; }
  bool is_sign(std::string_view sign) const { return word_.kind == Kind::sign && word_.spelled == sign; }
  bool take(bool present) {
    if (present) advance();
    return present;
  }

  ConditionPtr fail(std::size_t at, const std::string& what) {
    const auto characters = std::count_if(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at),
                                          [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
    if (problem_.empty()) problem_ = "at character " + std::to_string(characters + 1) + ": " + what;
    return nullptr;
  }
  ConditionPtr expected(const std::string& what) {
    if (word_.kind == Kind::wrong) return fail(word_.at, word_.value);
    const std::string found = word_.kind == Kind::end ? "the end" : "\"" + std::string(word_.spelled) + "\"";
    return fail(word_.at,
                "expected " + what + ", found " + (word_.kind == Kind::text ? std::string(word_.spelled) : found));
  }

  ConditionPtr any() { return chain("or", &Parser::all, make_any); }
  ConditionPtr all() { return chain("and", &Parser::negation, make_all); }

  ConditionPtr chain(std::string_view joint, ConditionPtr (Parser::*part)(),
                     ConditionPtr (*make)(std::vector<ConditionPtr>)) {
    std::vector<ConditionPtr> parts;
    do {
      parts.push_back((this->*part)());
      if (!parts.back()) return nullptr;
    } while (take(is_name(joint)));
    return parts.size() == 1 ? parts.front() : make(std::move(parts));
  }

  ConditionPtr negation() {
    if (++level_ > most_levels) return fail(word_.at, "more than 64 levels of \"not\" and parentheses");
    ConditionPtr part;
    if (take(is_name("not"))) {
      part = negation();
      if (part) part = make_not(std::move(part));
    } else {
      part = primary();
    }
    --level_;
    return part;
  }

  ConditionPtr primary() {
    if (take(is_sign("("))) {
      ConditionPtr inner = any();
      if (inner && !take(is_sign(")"))) return expected("\")\"");
      return inner;
    }
    if (word_.kind != Kind::name || is_keyword(word_.spelled)) {
      const bool value = word_.kind == Kind::text || word_.kind == Kind::number || word_.kind == Kind::name;
      return expected(value ? "a field's name (the field comes first, as in level == \"error\"; a name with blanks is "
                              "written field(\"a b\"))"
                            : "a field's name");
    }
    const bool exists = is_name("exists"), quoted = is_name("field");
    std::string field(word_.spelled);
    advance();
    if (!(exists || quoted) || !take(is_sign("("))) return comparison(std::move(field));
    if (!read_field(field, quoted)) return nullptr;
    return exists ? make_exists(std::move(field)) : comparison(std::move(field));
  }

  // What stands in the parentheses of exists() and field().
  bool read_field(std::string& field, bool quoted) {
    if (!quoted && is_name("field")) {
      advance();
      if (!take(is_sign("("))) return field = "field", close();
      return read_field(field, true) && close();
    }
    if (word_.kind == Kind::text) {
      field = word_.value;
    } else if (word_.kind == Kind::name && !quoted) {
      field = word_.spelled;
    } else {
      return expected(quoted ? "a field's name in double quotes" : "a field's name"), false;
    }
    advance();
    return close();
  }
  bool close() { return take(is_sign(")")) || (expected("\")\""), false); }

  ConditionPtr comparison(std::string field) {
    const std::string sign(word_.spelled);
    if (word_.kind != Kind::sign || sign == "(" || sign == ")")
      return expected("one of == != < <= > >= =~ !~ after " + field);
    advance();
    if (sign == "=~" || sign == "!~") return match(std::move(field), sign);
    const auto comparison = sign == "=="   ? Comparison::equal
                            : sign == "!=" ? Comparison::unequal
                            : sign == "<"  ? Comparison::less
                            : sign == "<=" ? Comparison::less_equal
                            : sign == ">"  ? Comparison::greater
                                           : Comparison::greater_equal;
    ConditionValue value;
    if (!read_value(sign, value)) return nullptr;
    if (value.kind == ConditionValue::Kind::null && comparison != Comparison::equal &&
        comparison != Comparison::unequal)
      return fail(word_.at, "null has no order; compare it by == or !=");
    advance();
    return make_comparison(std::move(field), comparison, std::move(value));
  }

  bool read_value(const std::string& sign, ConditionValue& value) {
    value.text = word_.spelled;
    if (word_.kind == Kind::text) {
      value.text = word_.value;
    } else if (word_.kind == Kind::number) {
      value.kind = ConditionValue::Kind::number;
      value.number = parse_number(word_.spelled);
    } else if (is_name("true") || is_name("false")) {
      value.kind = ConditionValue::Kind::boolean;
    } else if (is_name("null")) {
      value.kind = ConditionValue::Kind::null;
    } else {
      const bool bare = word_.kind == Kind::name;
      return expected("a value after " + sign + (bare ? " (a text is in quotes: \"" + value.text + "\")" : "")), false;
    }
    return true;
  }

  ConditionPtr match(std::string field, const std::string& sign) {
    if (word_.kind != Kind::text) return expected("a pattern in double quotes after " + sign);
    std::string why;
    ConditionPtr made = make_match(std::move(field), sign == "=~", word_.value, why);
    if (!made) return fail(word_.at, "the pattern " + std::string(word_.spelled) + " is not valid: " + why);
    advance();
    return made;
  }

  std::string_view text_;
  std::string& problem_;
  ConditionWord word_;
  int level_ = 0;
};

}  // namespace

std::shared_ptr<const Condition> parse_condition(std::string_view text, std::string& problem) {
  problem.clear();
  return Parser(text, problem).parse();
}

}  // namespace tandem::shipper
