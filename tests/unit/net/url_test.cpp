#include "core/net/url.hpp"

#include <catch2/catch.hpp>

using namespace tandem::net;

TEST_CASE("a URL is split into scheme, host, port and target") {
  std::string why;
  auto url = parse_url("HTTP://Example.COM:8080/a/b?c=d#fragment", why);
  REQUIRE(url);
  CHECK(url->scheme == "http");
  CHECK(url->host == "example.com");
  CHECK(url->port == 8080);
  CHECK(url->target == "/a/b?c=d");
  CHECK(url->authority() == "example.com:8080");
  CHECK(to_string(*url) == "http://example.com:8080/a/b?c=d");
}

TEST_CASE("a URL has the scheme's port and the path / when it says nothing") {
  std::string why;
  auto url = parse_url("https://host", why);
  REQUIRE(url);
  CHECK(url->port == 443);
  CHECK(url->target == "/");
  CHECK(url->authority() == "host");
  auto query = parse_url("http://host?x=1", why);
  REQUIRE(query);
  CHECK(query->target == "/?x=1");
}

TEST_CASE("an IPv6 address stands in brackets") {
  std::string why;
  auto url = parse_url("http://[::1]:81/x", why);
  REQUIRE(url);
  CHECK(url->host == "::1");
  CHECK(url->authority() == "[::1]:81");
  CHECK_FALSE(parse_url("http://[::1/x", why));
  CHECK_FALSE(parse_url("http://[zz]/x", why));
}

TEST_CASE("what is no usable URL is refused with the reason") {
  for (const char* text :
       {"", "host/path", "ftp://host/", "http://", "http://host:0/", "http://host:65536/", "http://host:8x/",
        "http://user:secret@host/", "http://ho st/", "http://host/a b", "http://host/\r\nX: y", "http://h\xc3\xa4/"}) {
    std::string why;
    INFO(text);
    CHECK_FALSE(parse_url(text, why));
    CHECK_FALSE(why.empty());
  }
}

TEST_CASE("percent escapes are decoded or refused") {
  CHECK(decode_percent("a%20b%2Fc") == "a b/c");
  CHECK_FALSE(decode_percent("a%2"));
  CHECK_FALSE(decode_percent("a%zz"));
}
