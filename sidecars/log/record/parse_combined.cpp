#include "sidecars/log/record/parse_combined.hpp"

#include <cstring>

#include "sidecars/log/json_text.hpp"
#include "sidecars/log/record/parse_escape.hpp"

namespace tandem::shipper {
namespace {

// A field's name, and how its member begins: `,"name":"`, padded to a length that is copied without a call.
struct Key {
  explicit constexpr Key(std::string_view text) : name(text) {
    char* to = start;
    for (const std::string_view part : {std::string_view(",\""), text, std::string_view("\":\"")})
      for (const char c : part) *to++ = c;
    length = static_cast<std::size_t>(to - start);
  }
  std::string_view name;
  char start[24] = {};
  std::size_t length = 0;
};

constexpr Key remote_addr("remote_addr"), ident("ident"), remote_user("remote_user"), time_local("time_local"),
    request_("request"), method_("method"), path_("path"), protocol_("protocol"), status_("status"),
    body_bytes_sent("body_bytes_sent"), http_referer("http_referer"), http_user_agent("http_user_agent"), rest_("rest");
constexpr std::size_t most_fields = 12, short_line_bytes = 2048;

// Members are written one behind the other, with a comma between them, so that they are copied as one later. Those of a
// long line are not: what they may need is six times as much.
class Scan {
 public:
  Scan(std::string_view text, Event& event, ParsedFields& fields)
      : at_(text.data()),
        end_(at_ + text.size()),
        escapes_(text.find('\\') != text.npos),
        event_(event),
        fields_(fields) {
    if (text.size() > short_line_bytes) return;
    to_ = event.claim(json_text_room(text.size()) + most_fields * (sizeof Key::start + json_text_room(0)));
  }

  bool run() {
    return word(remote_addr) && word(ident) && user() && time() && request() && skip(' ') && number(status_, 3) &&
           skip(' ') && number(body_bytes_sent, 20) && quoted_or_none(http_referer) &&
           quoted_or_none(http_user_agent) && rest();
  }

 private:
  const char* find(char c) const {
    return at_ == end_ ? nullptr : static_cast<const char*>(std::memchr(at_, c, static_cast<std::size_t>(end_ - at_)));
  }
  std::string_view up_to(const char* end) const { return {at_, static_cast<std::size_t>(end - at_)}; }
  bool skip(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  void add(const Key& key, std::string_view text, bool literal = false) {
    if (text.empty() || (text.size() == 1 && text[0] == '-')) return;
    put(key, text, literal);
  }
  void put(const Key& key, std::string_view text, bool literal) {
    fields_.push_back({key.name, text, literal, to_ ? member(key, text, literal) : std::string_view()});
  }

  std::string_view member(const Key& key, std::string_view text, bool literal) {
    std::memcpy(to_, key.start, sizeof key.start);
    const char* const begin = to_ + 1;
    to_ += key.length;
    if (literal) {
      to_ += text.copy(to_ - 1, text.size()) - 1;
    } else {
      to_ = write_json_text(text, to_);
      *to_++ = '"';
    }
    return {begin, static_cast<std::size_t>(to_ - begin)};
  }

  bool word(const Key& key) {
    const char* const blank = find(' ');
    if (!blank || blank == at_) return false;
    add(key, up_to(blank));
    at_ = blank + 1;
    return true;
  }

  // A user may have given a name with blanks in it; the time that follows begins with a bracket.
  bool user() {
    const char* const from = at_;
    while (const char* const blank = find(' ')) {
      if (blank + 1 == end_) return false;
      at_ = blank + 1;
      if (*at_ != '[') continue;
      if (blank == from) return false;
      add(remote_user, {from, static_cast<std::size_t>(blank - from)});
      return true;
    }
    return false;
  }

  bool time() {
    ++at_;
    const char* const bracket = find(']');
    if (!bracket) return false;
    add(time_local, up_to(bracket));
    at_ = bracket + 1;
    return skip(' ');
  }

  bool quoted(std::string_view& inside) {
    if (!skip('"')) return false;
    const char* quote = find('"');
    if (escapes_) {
      quote = at_;
      while (quote != end_ && *quote != '"') quote += *quote == '\\' && quote + 1 != end_ ? 2 : 1;
      if (quote == end_) return false;
    }
    if (!quote) return false;
    inside = up_to(quote);
    at_ = quote + 1;
    return true;
  }

  std::string_view plain(std::string_view inside) {
    if (!escapes_ || inside.find('\\') == inside.npos) return inside;
    char* const to = event_.claim(inside.size());
    return {to, static_cast<std::size_t>(undo_server_escapes(inside, to) - to)};
  }

  bool request() {
    std::string_view request;
    if (!quoted(request)) return false;
    const std::size_t first = request.find(' '), last = request.rfind(' ');
    if (first == request.npos || first == 0 || last + 1 == request.size() || request.find(' ', first + 1) != last ||
        last == first + 1) {
      add(request_, plain(request));
      return true;
    }
    add(method_, plain(request.substr(0, first)));
    add(path_, plain(request.substr(first + 1, last - first - 1)));
    add(protocol_, plain(request.substr(last + 1)));
    return true;
  }

  bool number(const Key& key, std::size_t most_digits) {
    const char* digit = at_;
    while (digit != end_ && *digit >= '0' && *digit <= '9') ++digit;
    std::string_view digits = up_to(digit);
    if (digits.empty()) {  // "-": nothing was sent
      if (!skip('-')) return false;
    } else {
      if (digits.size() > most_digits) return false;
      while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);  // nginx's status 000
      add(key, digits, true);
      at_ = digit;
    }
    return at_ == end_ || *at_ == ' ';
  }

  bool quoted_or_none(const Key& key) {
    if (end_ - at_ < 2 || at_[0] != ' ' || at_[1] != '"') return true;
    ++at_;
    std::string_view inside;
    if (!quoted(inside)) return false;
    add(key, plain(inside));
    return at_ == end_ || *at_ == ' ';
  }

  bool rest() {
    if (skip(' ') && at_ != end_) put(rest_, up_to(end_), false);
    return true;
  }

  const char* at_;
  const char* end_;
  bool escapes_;
  Event& event_;
  ParsedFields& fields_;
  char* to_ = nullptr;  // where the next member is written
};

}  // namespace

bool parse_combined(std::string_view text, Event& event, ParsedFields& fields) {
  fields.clear();
  if (Scan(text, event, fields).run()) return true;
  fields.clear();
  return false;
}

}  // namespace tandem::shipper
