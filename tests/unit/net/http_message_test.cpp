#include "core/net/http_message.hpp"

#include <catch2/catch.hpp>

using namespace tandem::net;

TEST_CASE("header names compare without case and set replaces") {
  Headers headers;
  headers.add("X-One", "1");
  headers.add("x-one", "2");
  REQUIRE(headers.find("X-ONE"));
  CHECK(*headers.find("X-ONE") == "1");
  headers.set("X-onE", "3");
  CHECK(headers.all().size() == 1);
  CHECK(headers.find("X-Two") == nullptr);
}

TEST_CASE("a header's value cannot start another header") {
  Headers headers;
  headers.add("X", "a\r\nSet-Cookie: b");
  CHECK(*headers.find("X") == "a  Set-Cookie: b");
}

TEST_CASE("query parameters are found and decoded") {
  Request request("GET", "/p?a=1&b=x+y%26z&c&a=2");
  CHECK(request.path() == "/p");
  CHECK(request.query("a") == "1");
  CHECK(request.query("b") == "x y&z");
  CHECK(request.query("c").empty());
  CHECK(request.query("d").empty());
}
