// What Kubernetes lets people call things (apimachinery's validation). Every function gives the reason why not, or "".
#pragma once

#include <string>
#include <string_view>

namespace tandem::manifest {

std::string why_no_dns_label(std::string_view name);      // RFC 1123: "my-name", at most 63
std::string why_no_dns_subdomain(std::string_view name);  // RFC 1123: "example.com", at most 253
std::string why_no_service_name(std::string_view name);   // RFC 1035: a label that starts with a letter
std::string why_no_port_name(std::string_view name);      // IANA: at most 15, with a letter in it
std::string why_no_variable_name(std::string_view name);  // of an environment variable
std::string why_no_object_key(std::string_view name);     // of a ConfigMap or Secret
std::string why_no_label_key(std::string_view name);      // "app", "example.com/app"
std::string why_no_label_value(std::string_view value);   // at most 63; may be empty
std::string why_no_relative_path(std::string_view path);  // of a volume's file: no "..", not absolute
bool is_ip_address(const std::string& text);              // v4 or v6

}  // namespace tandem::manifest
