#include <catch2/catch.hpp>

#include "pods/supervise/http_text.hpp"

using namespace tandem::supervise;

TEST_CASE("a request is taken apart; a byte less is not enough") {
  const std::string text = "POST /stop?gracePeriodSeconds=5&x HTTP/1.1\r\nHost: a\r\ncontent-length: 3\r\n\r\nabc";
  HttpRequest request;
  for (std::size_t i = 0; i < text.size(); ++i) CHECK(parse_request(text.substr(0, i), request) == Parsed::more);
  REQUIRE(parse_request(text, request) == Parsed::done);
  CHECK(request.method == "POST");
  CHECK(request.path == "/stop");
  CHECK(request.query.at("gracePeriodSeconds") == "5");
  CHECK(request.query.at("x") == "");
  CHECK(request.body == "abc");
}

TEST_CASE("what is not plain HTTP/1 with a bounded length is refused") {
  HttpRequest request;
  for (const std::string text :
       {"GET /\r\n\r\n", "GET / SPDY/3\r\n\r\n", "GET x HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "GET / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", "GET / HTTP/1.1\r\nContent-Length: 1x\r\n\r\n",
        "GET / HTTP/1.1\r\nno colon\r\n\r\n", " / HTTP/1.1\r\n\r\n"}) {
    INFO(text);
    CHECK(parse_request(text, request) == Parsed::bad);
  }
  CHECK(parse_request(std::string(longest_head_bytes + 1, 'x'), request) == Parsed::bad);
}

TEST_CASE("a status line gives its code") {
  CHECK(parse_status_code("HTTP/1.1 204 No Content\r\n") == 204);
  CHECK(parse_status_code("HTTP/1.0 503\r\n") == 503);
  CHECK_FALSE(parse_status_code("HTTP/1.1 204 No Con").has_value());
  CHECK_FALSE(parse_status_code("SSH-2.0-OpenSSH_9\r\n").has_value());
  CHECK_FALSE(parse_status_code("HTTP/1.1 abc\r\n").has_value());
}

TEST_CASE("a probe's request has kubelet's headers, and its own go before them") {
  const std::string plain = probe_request("10.0.0.1", 8080, "/healthz", {});
  CHECK(plain.substr(0, 23) == "GET /healthz HTTP/1.1\r\n");
  CHECK(plain.find("Host: 10.0.0.1:8080\r\n") != plain.npos);
  CHECK(plain.find("User-Agent: kube-probe/") != plain.npos);
  const std::string own = probe_request("10.0.0.1", 80, "x", {{"host", "web"}, {"X-A", "b"}});
  CHECK(own.find("GET /x ") == 0);
  CHECK(own.find("Host: 10.0.0.1") == own.npos);
  CHECK(own.find("host: web\r\n") != own.npos);
}
