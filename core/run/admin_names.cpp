#include "core/run/admin_names.hpp"

#include <arpa/inet.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace tandem::run {

namespace {

std::string plain(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  std::string out(name);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

bool is_address(const std::string& host) {
  unsigned char bytes[16];
  return ::inet_pton(AF_INET, host.c_str(), bytes) == 1 || ::inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

// "web:80" -> "web", "[::1]:80" -> "::1"
std::string without_port(std::string_view host) {
  if (host.starts_with('[')) return std::string(host.substr(1, host.find(']') - 1));
  return plain(host.substr(0, host.rfind(':')));
}

}  // namespace

std::vector<std::string> own_names() {
  std::vector<std::string> names = {"localhost"};
  char name[256] = "";
  if (::gethostname(name, sizeof name - 1) == 0 && *name) names.emplace_back(name);
  if (const char* pod = std::getenv("POD_NAME"); pod && *pod) names.emplace_back(pod);
  return names;
}

std::optional<net::Response> refuse_name(const net::Request& request, const std::vector<std::string>& names) {
  const bool is_config = request.path() == "/configz";
  if (is_config && request.headers.find("Origin"))
    return net::Response(403, "the config is not shown to pages of a browser\n");
  if (request.peer == "unix") return std::nullopt;
  const std::string* const host = request.headers.find("Host");
  // HTTP/1.0, as some probes speak it; no browser does.
  if (!host) return is_config ? std::optional(net::Response(403, "the request has no Host\n")) : std::nullopt;
  const std::string asked = without_port(*host);
  const auto is_asked = [&](const std::string& name) { return plain(name) == asked; };
  if (is_address(asked) || std::any_of(names.begin(), names.end(), is_asked)) return std::nullopt;
  return net::Response(421, "this port is not known by that name; admin.hosts lists more names\n");
}

}  // namespace tandem::run
