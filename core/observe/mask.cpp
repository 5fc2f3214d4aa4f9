#include "core/observe/mask.hpp"

#include <algorithm>

namespace tandem::observe {

namespace {

constexpr std::string_view mask = "***";
constexpr std::string_view secret_names[] = {"token", "secret", "pass", "pwd",  "key",
                                             "auth",  "sig",    "cred", "sess", "jwt"};

bool is_in_url(char c) { return static_cast<unsigned char>(c) > 0x20 && c != '"' && c != '\'' && c != '<' && c != '>'; }

bool is_secret(std::string_view name) {
  std::string small(name);
  for (char& c : small)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return std::any_of(std::begin(secret_names), std::end(secret_names),
                     [&](std::string_view part) { return small.find(part) != std::string::npos; });
}

// `out` ends before an @: what is its user's name stays.
void mask_user(std::string& out) {
  std::size_t begin = out.size();
  while (begin > 0 && is_in_url(out[begin - 1]) && out[begin - 1] != '/') --begin;
  if (begin == out.size()) return;
  const std::size_t colon = out.find(':', begin);
  const bool after_scheme = begin >= 3 && out.compare(begin - 3, 3, "://") == 0;
  if (colon == std::string::npos && !after_scheme) return;  // a mail address
  out.resize(colon == std::string::npos ? begin : colon + 1);
  out += mask;
}

// text[at] follows a ? or &. Where to go on.
std::size_t mask_parameter(std::string_view text, std::size_t at, std::string& out) {
  const std::size_t begin = at;
  while (at < text.size() && is_in_url(text[at]) && text[at] != '=' && text[at] != '&' && text[at] != '?') ++at;
  out += text.substr(begin, at - begin);
  if (at == text.size() || text[at] != '=' || !is_secret(text.substr(begin, at - begin))) return at;
  ++at;
  const std::size_t value = at;
  while (at < text.size() && is_in_url(text[at]) && text[at] != '&' && text[at] != '#') ++at;
  while (at > value && std::string_view(":.,;)").find(text[at - 1]) != std::string_view::npos) --at;  // of the sentence
  out += '=';
  if (at > value) out += mask;
  return at;
}

}  // namespace

std::string mask_credentials(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at++];
    if (c == '@') mask_user(out);
    out += c;
    if (c == '?' || c == '&') at = mask_parameter(text, at, out);
  }
  return out;
}

}  // namespace tandem::observe
