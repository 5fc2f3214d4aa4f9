#include "core/run/admin_names.hpp"

#include <catch2/catch.hpp>

using namespace tandem;
using namespace tandem::run;

namespace {

int answer(const std::string& path, const std::string& host, const std::string& origin = "", const char* peer = "") {
  net::Request request("GET", path);
  request.peer = peer;
  if (!host.empty()) request.headers.set("Host", host);
  if (!origin.empty()) request.headers.set("Origin", origin);
  const auto refused = refuse_name(request, {"localhost", "web-0", "Metrics.shop.svc"});
  return refused ? refused->status : 200;
}

}  // namespace

TEST_CASE("the admin port answers to addresses and its own names, with any port, and to no others") {
  for (const char* host : {"127.0.0.1:9101", "10.1.2.3", "[::1]:9101", "[fe80::1]", "localhost:1", "LOCALHOST",
                           "web-0:80", "metrics.shop.svc", "metrics.shop.svc.:9101"})
    CHECK(answer("/metrics", host) == 200);
  for (const char* host :
       {"evil.example", "evil.example:9101", "localhost.evil.example", "web-0.evil.example", "127.0.0.1.evil.example",
        "evil.example:80:localhost", "[", "[]", ":9101", "web", "2130706433"}) {
    INFO(host);
    CHECK(answer("/metrics", host) == 421);
    CHECK(answer("/configz", host) == 421);
  }
}

TEST_CASE("the config is shown to no page of a browser, and to nobody who names no host") {
  CHECK(answer("/configz", "127.0.0.1:9101") == 200);
  CHECK(answer("/configz", "127.0.0.1:9101", "http://127.0.0.1:9101") == 403);
  CHECK(answer("/configz?x", "127.0.0.1:9101", "null") == 403);
  CHECK(answer("/metrics", "127.0.0.1:9101", "http://grafana.example") == 200);
  CHECK(answer("/configz", "") == 403);
  CHECK(answer("/healthz", "") == 200);
  CHECK(answer("/healthz", "anything", "", "unix") == 200);
}
