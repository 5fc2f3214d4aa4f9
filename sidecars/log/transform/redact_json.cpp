#include "sidecars/log/json_text.hpp"
#include "sidecars/log/transform/redactor.hpp"

namespace tandem::shipper {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The four hex digits at `at`, or -1.
int hex_quad(std::string_view text, std::size_t at) {
  if (at + 4 > text.size()) return -1;
  int value = 0;
  for (std::size_t i = at; i < at + 4; ++i) {
    const int digit = hex_value(text[i]);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

void append_utf8(unsigned code, std::string& out) {
  const auto put = [&](unsigned byte) { out += static_cast<char>(byte); };
  if (code < 0x80) return put(code);
  if (code < 0x800) return put(0xC0 | (code >> 6)), put(0x80 | (code & 0x3F));
  if (code < 0x10000) {
    put(0xE0 | (code >> 12));
  } else {
    put(0xF0 | (code >> 18));
    put(0x80 | ((code >> 12) & 0x3F));
  }
  put(0x80 | ((code >> 6) & 0x3F));
  put(0x80 | (code & 0x3F));
}

// `\uXXXX` at `at`, and the other half of a pair; a half alone is U+FFFD. False: it is none.
bool append_unicode(std::string_view inside, std::size_t& at, std::string& out) {
  const int first = hex_quad(inside, at + 2);
  if (first < 0) return false;
  at += 6;
  auto code = static_cast<unsigned>(first);
  if (code >= 0xD800 && code < 0xDC00 && inside.substr(at).starts_with("\\u")) {
    const int second = hex_quad(inside, at + 2);
    if (second >= 0xDC00 && second < 0xE000) {
      code = 0x10000 + ((code - 0xD800) << 10) + (static_cast<unsigned>(second) - 0xDC00);
      at += 6;
    }
  }
  append_utf8(code >= 0xD800 && code < 0xE000 ? 0xFFFD : code, out);
  return true;
}

// What the inside of a JSON string stands for. False: it is none.
bool unescape(std::string_view inside, std::string& out) {
  out.clear();
  constexpr std::string_view letters = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
  for (std::size_t at = 0; at < inside.size();) {
    if (inside[at] != '\\') {
      out += inside[at++];
      continue;
    }
    if (at + 1 == inside.size()) return false;
    if (inside[at + 1] == 'u') {
      if (!append_unicode(inside, at, out)) return false;
      continue;
    }
    const std::size_t letter = letters.find(inside[at + 1]);
    if (letter == std::string_view::npos) return false;
    out += meanings[letter];
    at += 2;
  }
  return true;
}

void append_string(std::string_view text, std::string& out) {
  Buffer escaped;
  append_json_text(text, escaped);
  out += '"';
  out += escaped.view();
  out += '"';
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_number_part(char c) {
  return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

// One pass over the tokens; their order is not looked at, for it does not change.
class Walk {
 public:
  Walk(Redactor& redactor, std::string_view json, std::string& out) : redactor_(redactor), json_(json), out_(out) {}

  bool run() {  // false: a string in it is none
    while (at_ < json_.size()) {
      const char c = json_[at_];
      if (c == '"') {
        if (!string()) return false;
      } else if (c == '-' || (c >= '0' && c <= '9')) {
        number();
      } else {
        structure(c);
        out_ += c;
        ++at_;
      }
    }
    return true;
  }
  bool changed() const { return changed_; }

 private:
  bool value_is_secret() const { return named_secret_ || secret_level_ > 0; }

  // Of all that is in a member whose name says so.
  void structure(char c) {
    if (c == '{' || c == '[') {
      ++level_;
      if (named_secret_ && secret_level_ == 0) secret_level_ = level_;
      named_secret_ = false;
    } else if (c == '}' || c == ']') {
      if (secret_level_ == level_) secret_level_ = 0;
      --level_;
      named_secret_ = false;
    } else if (c == ',') {
      named_secret_ = false;
    }
  }

  bool string() {
    const std::size_t begin = at_ + 1;
    std::size_t end = begin;
    bool escapes = false;
    for (; end < json_.size() && json_[end] != '"'; ++end) {
      if (json_[end] != '\\') continue;
      escapes = true;
      if (++end == json_.size()) return false;
    }
    if (end >= json_.size()) return false;
    std::string_view text = json_.substr(begin, end - begin);
    if (escapes) {
      if (!unescape(text, plain_)) return false;
      text = plain_;
    }
    std::size_t next = end + 1;
    while (next < json_.size() && is_space(json_[next])) ++next;
    const bool is_key = next < json_.size() && json_[next] == ':';
    if (!is_key && value_is_secret()) {
      stand_in(text);
    } else if (redactor_.redact(text, redacted_)) {
      append_string(redacted_, out_);
      changed_ = true;
    } else {
      out_ += json_.substr(at_, end + 1 - at_);
    }
    if (is_key) named_secret_ = redactor_.is_secret(text);
    at_ = end + 1;
    return true;
  }

  void number() {
    std::size_t end = at_;
    while (end < json_.size() && is_number_part(json_[end])) ++end;
    const std::string_view text = json_.substr(at_, end - at_);
    if (value_is_secret()) {
      stand_in(text);
    } else if (redactor_.redact(text, redacted_)) {
      append_string(redacted_, out_);
      changed_ = true;
    } else {
      out_ += text;
    }
    at_ = end;
  }

  void stand_in(std::string_view secret) {
    redacted_.clear();
    redactor_.append_stand_in(secret, redacted_);
    append_string(redacted_, out_);
    changed_ = true;
  }

  Redactor& redactor_;
  std::string_view json_;
  std::string& out_;
  std::size_t at_ = 0;
  std::uint64_t level_ = 0, secret_level_ = 0;  // 0: no member around names a secret
  bool named_secret_ = false;                   // the member whose value comes next does
  bool changed_ = false;
  std::string plain_, redacted_;
};

}  // namespace

bool redact_json(Redactor& redactor, std::string_view json, std::string& out) {
  out.clear();
  Walk walk(redactor, json, out);
  if (walk.run()) return walk.changed();
  // It could hide what the finders look for.
  std::string stand_in;
  redactor.append_stand_in(json, stand_in);
  out.clear();
  append_string(stand_in, out);
  return true;
}

}  // namespace tandem::shipper
