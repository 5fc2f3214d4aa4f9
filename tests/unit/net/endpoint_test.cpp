#include "core/net/endpoint.hpp"

#include <catch2/catch.hpp>

using namespace tandem::net;

TEST_CASE("an endpoint reads back as it was written") {
  for (const char* text : {"127.0.0.1:6379", "redis-cluster:7000", "[::1]:80", "unix:/run/x.sock", "0.0.0.0:0"}) {
    std::string why;
    auto endpoint = parse_endpoint(text, why);
    INFO(text);
    REQUIRE(endpoint);
    CHECK(to_string(*endpoint) == text);
  }
}

TEST_CASE("a port alone means every address") {
  std::string why;
  auto endpoint = parse_endpoint(":9464", why);
  REQUIRE(endpoint);
  CHECK(endpoint->host == "0.0.0.0");
}

TEST_CASE("what is no endpoint is refused with the reason") {
  std::string long_path = "unix:/" + std::string(107, 'x');
  for (const std::string& text :
       {std::string(), std::string("host"), std::string("host:"), std::string("host:70000"), std::string("::1:80"),
        std::string("unix:relative"), long_path, std::string("http://x:80"), std::string("a b:80"),
        std::string("[[h/:x]:8"), std::string("[name]:80")}) {
    std::string why;
    INFO(text);
    CHECK_FALSE(parse_endpoint(text, why));
    CHECK_FALSE(why.empty());
  }
}
