#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

#include "sidecars/log/transform/characters.hpp"
#include "sidecars/log/transform/secrets.hpp"

namespace tandem::shipper {
namespace {

bool is_ipv4_part(char c) { return is_digit(c) || c == '.'; }
bool is_ipv6_part(char c) { return is_hex(c) || c == ':' || c == '.'; }
bool is_word(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

// Four numbers up to 255; leading zeros, which some programs write, are fine.
bool is_ipv4(std::string_view text) {
  int numbers = 0;
  for (std::size_t at = 0;; ++at) {
    unsigned value = 0;
    std::size_t digits = 0;
    for (; at < text.size() && is_digit(text[at]); ++at, ++digits)
      value = value * 10 + static_cast<unsigned>(text[at] - '0');
    if (digits == 0 || digits > 3 || value > 255) return false;
    if (++numbers == 4) return at == text.size();
    if (at == text.size() || text[at] != '.') return false;
  }
}

bool is_ipv6(std::string_view text) {
  char terminated[INET6_ADDRSTRLEN + 1];
  if (text.size() < 3 || text.size() > INET6_ADDRSTRLEN) return false;  // "::" tells nothing
  std::memcpy(terminated, text.data(), text.size());
  terminated[text.size()] = '\0';
  in6_addr address;
  return ::inet_pton(AF_INET6, terminated, &address) == 1;
}

}  // namespace

std::optional<Secret> find_ipv4(std::string_view text, std::size_t from) {
  for (std::size_t at = from; at < text.size();) {
    at = run_end(text, at, [](char c) { return !is_digit(c); });
    std::size_t end = run_end(text, at, is_ipv4_part);
    const std::size_t next = end;
    while (end > at && text[end - 1] == '.') --end;
    if (is_ipv4(text.substr(at, end - at))) return Secret{at, end};
    at = next;
  }
  return std::nullopt;
}

std::optional<Secret> find_ipv6(std::string_view text, std::size_t from) {
  for (std::size_t at = from; at < text.size();) {
    at = run_end(text, at, [](char c) { return !is_hex(c) && c != ':'; });
    const std::size_t next = run_end(text, at, is_ipv6_part);
    const std::string_view run = text.substr(at, next - at);
    if (run.size() < 3 || run.find(':') == run.rfind(':')) {
      at = next;
      continue;
    }
    std::size_t begin = at, end = next;
    if (text[begin] == ':' && text[begin + 1] != ':') ++begin;  // "from:2001:db8::1"
    while (end > begin && (text[end - 1] == '.' || (text[end - 1] == ':' && end - begin > 1 && text[end - 2] != ':')))
      --end;
    const bool in_word = begin > 0 && is_word(text[begin - 1]) && is_hex(text[begin]);
    if (!in_word && (end == text.size() || !is_word(text[end])) && is_ipv6(text.substr(begin, end - begin)))
      return Secret{begin, end};
    at = next;
  }
  return std::nullopt;
}

}  // namespace tandem::shipper
