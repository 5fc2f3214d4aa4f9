#include "core/net/url.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "core/text/words.hpp"

namespace tandem::net {

namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_host_name(std::string_view host) {
  return !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '-' || c == '.' || c == '_';
  });
}

bool is_ipv6_text(std::string_view host) {
  return host.find(':') != std::string_view::npos && std::all_of(host.begin(), host.end(), [](unsigned char c) {
           return std::isxdigit(c) || c == ':' || c == '.';
         });
}

std::uint16_t usual_port(std::string_view scheme) { return scheme == "https" ? 443 : 80; }

}  // namespace

std::string Url::authority() const {
  std::string out = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != usual_port(scheme)) out += ":" + std::to_string(port);
  return out;
}

std::optional<Url> parse_url(std::string_view text, std::string& why) {
  auto refuse = [&](const char* reason) {
    why = reason;
    return std::nullopt;
  };
  for (unsigned char c : text)
    if (c <= 0x20 || c >= 0x7f) return refuse("has spaces or other bytes that must be escaped with %");
  auto colon = text.find("://");
  if (colon == std::string_view::npos) return refuse("is no absolute URL (http://HOST[:PORT]/PATH)");
  Url url;
  url.scheme = lower(text.substr(0, colon));
  if (url.scheme != "http" && url.scheme != "https") return refuse("has a scheme that is neither http nor https");
  text.remove_prefix(colon + 3);
  auto end = text.find_first_of("/?#");
  auto authority = text.substr(0, end);
  auto rest = end == std::string_view::npos ? std::string_view{} : text.substr(end);
  if (authority.find('@') != std::string_view::npos) return refuse("has a user name in it, which is not supported");

  std::string_view host = authority, port;
  if (authority.starts_with('[')) {
    auto bracket = authority.find(']');
    if (bracket == std::string_view::npos) return refuse("has a [ without a ]");
    host = authority.substr(1, bracket - 1);
    auto tail = authority.substr(bracket + 1);
    if (!is_ipv6_text(host) || (!tail.empty() && tail[0] != ':')) return refuse("has no IPv6 address between [ and ]");
    if (!tail.empty()) port = tail.substr(1);
  } else {
    auto last = authority.rfind(':');
    if (last != std::string_view::npos) host = authority.substr(0, last), port = authority.substr(last + 1);
    if (!is_host_name(host)) return refuse("has no usable host name");
  }
  url.host = lower(host);
  url.port = usual_port(url.scheme);
  if (!port.empty()) {
    auto [stop, failure] = std::from_chars(port.data(), port.data() + port.size(), url.port);
    if (failure != std::errc{} || stop != port.data() + port.size() || url.port == 0)
      return refuse("has a port that is not between 1 and 65535");
  }
  rest = rest.substr(0, rest.find('#'));
  url.target = std::string(rest);
  if (url.target.empty() || url.target[0] != '/') url.target.insert(0, "/");
  return url;
}

std::string to_string(const Url& url) { return url.scheme + "://" + url.authority() + url.target; }

std::optional<std::string> decode_percent(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    int high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

}  // namespace tandem::net
