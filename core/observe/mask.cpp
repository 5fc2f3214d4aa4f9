#include "core/observe/mask.hpp"

#include <algorithm>
#include <utility>

namespace tandem::observe {

namespace {

constexpr std::string_view mask = "***";
constexpr std::string_view separators = "?&;#";  // before a parameter, of a path too
constexpr std::string_view secret_names[] = {"token", "secret", "pass", "pwd", "key",  "auth", "sig",   "cred",
                                             "sess",  "jwt",    "sas",  "sid", "code", "bear", "access"};
// What else a query says is masked: who makes up a parameter for a secret asks nobody for its name.
constexpr std::string_view harmless_names[] = {"collect[]", "db",      "filter_path", "format",  "job",  "level",
                                               "limit",     "match[]", "module",      "name[]",  "page", "pipeline",
                                               "precision", "pretty",  "target",      "timeout", "type", "version"};

using std::string_view;
constexpr std::size_t npos = string_view::npos;

bool is_in_url(char c) { return static_cast<unsigned char>(c) > 0x20 && c != '"' && c != '\'' && c != '<' && c != '>'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter_or_digit(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_blank(char c) { return c == ' ' || c == '\t'; }

bool only_has(string_view text, string_view marks, std::size_t most) {
  return text.size() <= most &&
         std::all_of(text.begin(), text.end(), [&](char c) { return is_letter_or_digit(c) || marks.find(c) != npos; });
}

bool is_secret(string_view name) {
  std::string small(name);
  for (char& c : small)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return small.find('%') != npos ||  // t%6fken
         std::any_of(std::begin(secret_names), std::end(secret_names),
                     [&](string_view part) { return small.find(part) != npos; });
}

bool is_harmless(string_view name) {
  return std::find(std::begin(harmless_names), std::end(harmless_names), name) != std::end(harmless_names);
}

// What is written, and where its last word begins: looking back for it at each @ would be work without bound.
class Out {
 public:
  explicit Out(std::size_t size) { text_.reserve(size); }

  void operator+=(char c) {
    text_ += c;
    if (!is_in_url(c) || c == '/') colon_ = npos;
    if (c == ':' && colon_ == npos) colon_ = text_.size() - 1;
  }
  void operator+=(string_view text) {
    for (const char c : text) *this += c;
  }
  // An @ comes: what is its user's name stays, and a mail address has no password.
  void mask_user() {
    if (colon_ == npos) return;
    text_.resize(colon_ + 1);
    *this += mask;
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
  std::size_t colon_ = npos;  // the first of the last word
};

// Outside of URLs. text[at] follows a separator. Where to go on.
std::size_t mask_parameter(string_view text, std::size_t at, Out& out) {
  const std::size_t before = at;
  while (at < text.size() && is_blank(text[at])) ++at;
  const std::size_t begin = at;
  while (at < text.size() && is_in_url(text[at]) && text[at] != '=' && separators.find(text[at]) == npos) ++at;
  out += text.substr(before, at - before);
  if (at == text.size() || text[at] != '=' || !is_secret(text.substr(begin, at - begin))) return at;
  ++at;
  const std::size_t value = at;
  while (at < text.size() && is_in_url(text[at]) && text[at] != '&' && text[at] != '#') ++at;
  while (at > value && string_view(":.,;)").find(text[at - 1]) != npos) --at;  // of the sentence
  out += '=';
  if (at > value) out += mask;
  return at;
}

// Of a URL: "name=value", or a word alone.
void append_parameter(string_view pair, Out& out) {
  const std::size_t equals = std::min(pair.find('='), pair.size());
  const string_view name = pair.substr(0, equals);
  const string_view value = pair.substr(std::min(equals + 1, pair.size()));
  if (value.find_first_not_of('=') == npos) {  // a word may be a secret in base64, which ends with one or two
    const bool known = is_harmless(name) || (equals < pair.size() && only_has(name, "_-.", 40) && is_secret(name));
    out += pair.find_first_not_of(" \t=") == npos || (known && value.empty()) ? pair : mask;
    return;
  }
  out += only_has(name, "_-.[]% \t", 40) ? name : mask;
  out += '=';
  out += is_harmless(name) && only_has(value, "_-.:/", 64) ? value : mask;
}

// Where "://" or "unix:" stands: from there on it is a URL (and no regular expression for one).
bool begins_url(string_view text, std::size_t at) {
  const string_view rest = text.substr(at);
  if (rest.starts_with("unix:")) return at == 0 || !is_letter_or_digit(text[at - 1]);
  return rest.starts_with("://") && !rest.starts_with("://(") && !rest.starts_with("://[^");
}

// The @ behind the user of the URL whose "://" is at `at`, or npos. What is written there may be anything, as the URL
// may be wrong. `last_at`: the last @ of its line, or npos.
std::size_t end_of_user(string_view text, std::size_t at, std::size_t last_at) {
  if (text[at] != ':' || last_at == npos || last_at < at) return npos;
  const std::size_t begin = at + 3;
  const std::size_t end = std::min(text.find_first_of("/?#", begin), last_at + 1);
  const string_view authority = text.substr(begin, end - begin);
  if (const std::size_t user = authority.rfind('@'); user != npos) return begin + user;
  const std::size_t colon = authority.find(':', authority.starts_with("[") ? authority.find(']') : 0);
  if (colon == npos) return npos;
  const string_view port = authority.substr(colon + 1);
  const string_view word = port.substr(0, port.find_first_of(" \t\"'<>,;)"));
  return std::all_of(word.begin(), word.end(), is_digit) ? npos : last_at;  // no port: a password with a slash
}

void append_url(string_view url, std::size_t user, Out& out) {
  std::size_t at = 0;
  if (user != npos) {
    const std::size_t colon = url.find(':', 3);
    out += url.substr(0, colon < user ? colon + 1 : 3);
    out += mask;
    at = user;
  }
  const std::size_t path_end = std::min(url.find_first_of(separators, at), url.size());
  for (const bool masked = at > 0; at < path_end; ++at) {
    if (url[at] == '@' && !masked) out.mask_user();
    out += url[at];
  }
  while (at < url.size()) {
    out += url[at++];
    const std::size_t end = std::min(url.find_first_of(separators, at), url.size());
    append_parameter(url.substr(at, end - at), out);
    at = end;
  }
}

// Of a URL whose "://" or "unix:" is at `at`. In quotes it goes on to their end, whatever is between: else to a blank.
std::size_t end_of_url(string_view text, std::size_t at, std::size_t user) {
  std::size_t begin = at;
  while (begin > 0 && (is_letter_or_digit(text[begin - 1]) || is_blank(text[begin - 1]))) --begin;
  if (begin > 0 && (text[begin - 1] == '"' || text[begin - 1] == '\'')) {
    const char quote = text[begin - 1];
    for (std::size_t end = text.find(quote, at); end != npos; end = text.find(quote, end + 1))
      if (end + 1 == text.size() || string_view(" \t\r\n,;:.)]}").find(text[end + 1]) != npos) return end;
    return text.size();
  }
  const std::size_t from = user == npos ? at : user;
  std::size_t end = std::min(text.find_first_of(" \t\r\n\"'<>", from), text.size());
  while (end > from && string_view(":.,;)").find(text[end - 1]) != npos) --end;  // of the sentence
  return std::max(end, at + 3);
}

std::string masked(string_view text, bool is_value) {
  Out out(text.size());
  std::size_t line_end = 0, last_at = npos;
  for (std::size_t at = 0; at < text.size();) {
    if (at >= line_end) {
      line_end = std::min(text.find_first_of("\r\n", at), text.size() - 1) + 1;
      last_at = text.substr(at, line_end - at).rfind('@');
      if (last_at != npos) last_at += at;
    }
    if ((text[at] == ':' || text[at] == 'u') && begins_url(text, at)) {
      std::size_t user = end_of_user(text, at, last_at);
      const std::size_t end = is_value ? text.size() : end_of_url(text, at, user);
      if (user >= end) user = npos;
      append_url(text.substr(at, end - at), user == npos ? npos : user - at, out);
      at = separators.find(text[end - 1]) == npos ? end : mask_parameter(text, end, out);
      continue;
    }
    const char c = text[at++];
    if (c == '@') out.mask_user();
    out += c;
    if (separators.find(c) != npos) at = mask_parameter(text, at, out);
  }
  return out.take();
}

}  // namespace

std::string mask_credentials(std::string_view text) { return masked(text, false); }

std::string mask_value(std::string_view value) { return masked(value, true); }

}  // namespace tandem::observe
