// Against real servers: what they count arrives, and a dead one hides nothing.
#include <csignal>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/integration/metrics/pod.hpp"

using namespace tandem;
using namespace tandem::test;

namespace {

const char* const stats = R"({"requests":{"total":7},"entries":3,"latency_ms":250})";

std::string all_sources(const Nginx& nginx, const Redis& redis, const App& app) {
  return "- {name: web, type: nginx, url: \"http://127.0.0.1:" + std::to_string(nginx.port) + "/status\"}\n" +
         "- {name: cache, type: redis, address: \"127.0.0.1:" + std::to_string(redis.port) + "\"}\n" +
         "- {name: guestbook, type: prometheus, url: \"" + app.url("/metrics") + "\"}\n" +
         "- name: stats\n  type: json\n  container: guestbook\n  url: " + app.url("/stats") + "\n  map:\n" +
         "  - {path: $.requests.total, name: guestbook_requests_total, type: counter, help: Requests answered.}\n" +
         "  - {path: /latency_ms, name: guestbook_latency_seconds, help: Latency., scale: 0.001}\n";
}

}  // namespace

TEST_CASE("nginx, Redis, Prometheus text and JSON are one page that promtool accepts") {
  Nginx nginx;
  Redis redis;
  App app;
  app.on("/stats", "application/json", stats);
  app.on("/metrics", "text/plain",
         "# HELP work_seconds Work.\n# TYPE work_seconds histogram\nwork_seconds_bucket{le=\"+Inf\"} "
         "2\nwork_seconds_sum 1\n"
         "work_seconds_count 2\n");
  Adapter adapter(all_sources(nginx, redis, app));
  auto page = adapter.get("/metrics");
  REQUIRE(page.status == 200);
  CHECK(page.type == "text/plain; version=0.0.4; charset=utf-8");
  INFO(page.body);
  CHECK(promtool_errors(page.body) == "");
  for (const char* line :
       {"nginx_up{container=\"web\"} 1", "# TYPE nginx_http_requests_total counter", "redis_up{container=\"cache\"} 1",
        "redis_cluster_enabled{container=\"cache\"} 0", "work_seconds_bucket{container=\"guestbook\",le=\"+Inf\"} 2",
        "guestbook_requests_total{container=\"guestbook\"} 7",
        "guestbook_latency_seconds{container=\"guestbook\"} 0.25",
        "tandem_source_up{source=\"web\",container=\"web\"} 1",
        "tandem_source_up{source=\"stats\",container=\"guestbook\"} 1",
        "tandem_source_samples{source=\"web\",container=\"web\"} 8"}) {
    CAPTURE(line);
    CHECK(has_line(page.body, line));
  }
  CHECK(adapter.get("/pod/healthz").status == 200);
  CHECK(adapter.get("/pod/readyz").status == 200);
  auto own = adapter.process.admin("/metrics");
  CHECK(promtool_errors(own.body) == "");
  CHECK(has_line(own.body, "tandem_metrics_sources{state=\"up\"} 4"));
  adapter.process.child->signal(SIGTERM);
  CHECK(adapter.process.child->wait() == ExitStatus{0, 0, false});
}

TEST_CASE("a killed Redis is told, hides nothing, and comes back") {
  Nginx nginx;
  Redis redis;
  App app;
  app.on("/stats", "application/json", stats);
  app.on("/metrics", "text/plain", "a 1\n");
  Adapter adapter(all_sources(nginx, redis, app));
  REQUIRE(adapter.get("/pod/healthz").status == 200);
  redis.kill();
  auto page = adapter.get("/metrics").body;
  CHECK(has_line(page, "tandem_source_up{source=\"cache\",container=\"cache\"} 0"));
  CHECK(has_line(page, "redis_up{container=\"cache\"} 0"));
  CHECK(has_line(page, "nginx_up{container=\"web\"} 1"));
  CHECK(has_line(page, "a{container=\"guestbook\"} 1"));
  CHECK(promtool_errors(page) == "");
  Answer health;
  CHECK(wait_until([&] { return (health = adapter.get("/pod/healthz")).status == 503; }));
  auto json = nlohmann::json::parse(health.body);
  CHECK(json["reason"].get<std::string>().starts_with("cache is down: connect to 127.0.0.1:"));
  CHECK(adapter.process.admin("/healthz").status == 200);  // the adapter itself is well
  CHECK(adapter.process.admin("/readyz").status == 200);
  redis.start();
  CHECK(wait_until([&] { return adapter.get("/pod/healthz").status == 200; }));
  CHECK(adapter.process.logs("\"message\":\"a source is down\""));
  CHECK(adapter.process.logs("\"message\":\"a source is back\""));
}

TEST_CASE("Redis with a password is asked with it, and says so without") {
  Redis redis("open sesame");
  auto address = "address: \"127.0.0.1:" + std::to_string(redis.port) + "\"";
  Adapter with("- {name: r, type: redis, password: open sesame, " + address + "}\n");
  CHECK(has_line(with.get("/metrics").body, "redis_up{container=\"r\"} 1"));
  CHECK(with.process.admin("/configz").body.find("sesame") == std::string::npos);
  Adapter without("- {name: r, type: redis, " + address + "}\n");
  CHECK(has_line(without.get("/metrics").body, "redis_up{container=\"r\"} 0"));
  CHECK(without.get("/pod/healthz").body.find("NOAUTH") != std::string::npos);
}

TEST_CASE("SIGHUP changes the sources, and an address change is refused") {
  App app;
  app.on("/a", "text/plain", "a 1\n");
  app.on("/b", "text/plain", "b 1\n");
  Adapter adapter("- {name: x, type: prometheus, url: \"" + app.url("/a") + "\"}\n");
  CHECK(has_line(adapter.get("/metrics").body, "a{container=\"x\"} 1"));
  adapter.process.write_config(adapter.config("- {name: other, type: prometheus, url: \"" + app.url("/b") + "\"}\n"));
  adapter.process.child->signal(SIGHUP);
  CHECK(wait_until([&] { return has_line(adapter.get("/metrics").body, "b{container=\"other\"} 1"); }));
  adapter.process.write_config("listen: 127.0.0.1:0\nsources: []\n");
  adapter.process.child->signal(SIGHUP);
  CHECK(adapter.process.logs("the address cannot change while running"));
  CHECK(has_line(adapter.get("/metrics").body, "b{container=\"other\"} 1"));
}
