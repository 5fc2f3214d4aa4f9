// URLs of HTTP services (RFC 3986, as far as a client needs them).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tandem::net {

struct Url {
  std::string scheme;  // "http" or "https", lower case
  std::string host;    // lower case, an IPv6 address without brackets
  std::uint16_t port = 0;
  std::string target;  // path and query as they go on the wire, at least "/"

  std::string authority() const;  // for the Host header: without the scheme's usual port
};

// Nullopt with `why` filled: not an absolute http or https URL, or it has user information, or bytes that must be
// escaped. The fragment is left out.
std::optional<Url> parse_url(std::string_view text, std::string& why);

std::string to_string(const Url& url);

// %41 -> A. Nullopt: a % that is not followed by two hex digits.
std::optional<std::string> decode_percent(std::string_view text);

}  // namespace tandem::net
