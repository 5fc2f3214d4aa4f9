#include "pods/manifest/names.hpp"

#include <arpa/inet.h>

#include <algorithm>

#include "core/text/characters.hpp"

namespace tandem::manifest {

namespace {

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_letter(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }
bool is_word(char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.'; }

std::string too_long(std::size_t most) { return "must be no more than " + std::to_string(most) + " characters"; }

bool is_label(std::string_view name) {
  const auto is_end = [](char c) { return is_lower(c) || is_digit(c); };
  return !name.empty() && is_end(name.front()) && is_end(name.back()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return is_end(c) || c == '-'; });
}

// "MyValue", "my.value_1": letters and digits at both ends.
bool is_qualified_part(std::string_view name) {
  const auto is_end = [](char c) { return is_letter(c) || is_digit(c); };
  return !name.empty() && is_end(name.front()) && is_end(name.back()) && std::all_of(name.begin(), name.end(), is_word);
}

}  // namespace

std::string why_no_dns_label(std::string_view name) {
  if (name.size() > 63) return too_long(63);
  if (is_label(name)) return "";
  return "must be lower case letters, digits and '-', with a letter or digit at both ends (RFC 1123 label)";
}

std::string why_no_dns_subdomain(std::string_view name) {
  if (name.size() > 253) return too_long(253);
  for (std::string_view rest = name;;) {
    const std::size_t dot = rest.find('.');
    if (!is_label(rest.substr(0, dot))) {
      return "must be lower case letters, digits, '-' and '.', with a letter or digit at the ends of each part (RFC "
             "1123 "
             "subdomain)";
    }
    if (dot == std::string_view::npos) return "";
    rest.remove_prefix(dot + 1);
  }
}

std::string why_no_service_name(std::string_view name) {
  if (name.size() > 63) return too_long(63);
  if (is_label(name) && is_lower(name.front())) return "";
  return "must be lower case letters, digits and '-', starting with a letter (RFC 1035 label)";
}

std::string why_no_port_name(std::string_view name) {
  if (name.size() > 15) return too_long(15);
  if (!is_label(name) || name.find("--") != std::string_view::npos) {
    return "must be lower case letters, digits and single '-', with a letter or digit at both ends";
  }
  if (std::none_of(name.begin(), name.end(), is_lower)) return "must have a letter in it";
  return "";
}

std::string why_no_variable_name(std::string_view name) {
  if (!name.empty() && !is_digit(name.front()) && std::all_of(name.begin(), name.end(), is_word)) return "";
  return "must be letters, digits, '_', '-' and '.', not starting with a digit";
}

std::string why_no_object_key(std::string_view name) {
  if (name.size() > 253) return too_long(253);
  if (name == "." || name.starts_with("..")) return "must not be '.' or start with '..'";
  if (!name.empty() && std::all_of(name.begin(), name.end(), is_word)) return "";
  return "must be letters, digits, '-', '_' and '.'";
}

std::string why_no_label_key(std::string_view name) {
  const std::size_t slash = name.find('/');
  if (slash != std::string_view::npos) {
    if (!why_no_dns_subdomain(name.substr(0, slash)).empty()) return "the part before '/' must be a DNS name";
    name.remove_prefix(slash + 1);
  }
  if (name.size() > 63) return too_long(63);
  if (is_qualified_part(name)) return "";
  return "must be letters, digits, '-', '_' and '.', with a letter or digit at both ends";
}

std::string why_no_label_value(std::string_view value) {
  if (value.size() > 63) return too_long(63);
  if (value.empty() || is_qualified_part(value)) return "";
  return "must be letters, digits, '-', '_' and '.', with a letter or digit at both ends";
}

std::string why_no_relative_path(std::string_view path) {
  if (path.starts_with('/')) return "must be a relative path";
  for (std::string_view rest = path;;) {
    const std::size_t slash = rest.find('/');
    if (rest.substr(0, slash) == "..") return "must not contain '..'";
    if (slash == std::string_view::npos) return "";
    rest.remove_prefix(slash + 1);
  }
}

bool is_ip_address(const std::string& text) {
  in6_addr address;
  return inet_pton(AF_INET, text.c_str(), &address) == 1 || inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

}  // namespace tandem::manifest
