#include "pods/manifest/names.hpp"

#include <catch2/catch.hpp>

using namespace tandem::manifest;

namespace {

const std::string x63(63, 'x'), x64(64, 'x'), x253(253, 'x');

void check(std::string (*rule)(std::string_view), std::initializer_list<std::string> good,
           std::initializer_list<std::string> bad) {
  for (const auto& name : good) {
    INFO("good: " << name);
    CHECK(rule(name) == "");
  }
  for (const auto& name : bad) {
    INFO("bad: " << name);
    CHECK(rule(name) != "");
  }
}

}  // namespace

TEST_CASE("names are what Kubernetes lets them be") {
  check(why_no_dns_label, {"a", "0", "my-name", "a--b", x63}, {"", "-a", "a-", "A", "a.b", "a_b", "a b", x64, "ä"});
  check(why_no_dns_subdomain, {"a", "a.b", "a-1.b-2"}, {"", ".", "a.", ".a", "a..b", "A.b", x253 + ".x"});
  check(why_no_service_name, {"a", "a1-b"}, {"1a", "a.b", ""});
  check(why_no_port_name, {"http", "a1", "1a", "metrics-port"},
        {"", "1", "1-2", "a--b", "-a", "HTTP", "a-very-long-name"});
  check(why_no_variable_name, {"A", "_a", "my.var-1"}, {"", "1A", "A=B", "a b"});
  check(why_no_object_key, {"a", "my.conf", ".hidden", "_x"}, {"", ".", "..", "..a", "a/b", "a b"});
  check(why_no_label_key, {"app", "example.com/app", "A_b.c"}, {"", "/a", "a/", "-a", "Example.com/a", "a/b/c", x64});
  check(why_no_label_value, {"", "a", "A.b_c-1"}, {"-a", "a b", x64});
  check(why_no_relative_path, {"a", "a/b", "..a", "a..b/c"}, {"/a", "..", "a/../b", "../a", "a/.."});
}

TEST_CASE("addresses are those of inet_pton") {
  CHECK(is_ip_address("10.0.0.1"));
  CHECK(is_ip_address("::1"));
  CHECK_FALSE(is_ip_address("10.0.0"));
  CHECK_FALSE(is_ip_address("10.0.0.01x"));
  CHECK_FALSE(is_ip_address(""));
}
