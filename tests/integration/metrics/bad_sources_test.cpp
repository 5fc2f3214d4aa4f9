// Sources that are slow, wrong, huge or hostile.
#include <catch2/catch.hpp>
#include <chrono>

#include "tests/integration/metrics/pod.hpp"

using namespace tandem;
using namespace tandem::test;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

TEST_CASE("a slow source costs its limit at most and hides no other") {
  App app;
  app.on("/slow", "text/plain", "slow 1\n", 1h);
  app.on("/fast", "text/plain", "fast 1\n");
  Adapter adapter("- {name: slow, type: prometheus, url: \"" + app.url("/slow") + "\"}\n" +
                  "- {name: fast, type: prometheus, url: \"" + app.url("/fast") + "\"}\n");
  auto begin = Clock::now();
  auto page = adapter.get("/metrics", {{"X-Prometheus-Scrape-Timeout-Seconds", "0.6"}});
  auto took = Clock::now() - begin;
  CHECK(page.status == 200);
  CHECK(took < 600ms);
  CHECK(took > 400ms);
  CHECK(has_line(page.body, "fast{container=\"fast\"} 1"));
  CHECK(has_line(page.body, "tandem_source_up{source=\"slow\",container=\"slow\"} 0"));
  auto health = adapter.get("/pod/healthz");
  CHECK(health.status == 503);
  CHECK(health.body.find("slow is down") != std::string::npos);
}

TEST_CASE("an optional source that is down leaves the pod healthy") {
  App app;
  app.on("/fast", "text/plain", "fast 1\n");
  Adapter adapter(
      "- {name: gone, type: prometheus, required: false, url: \"http://127.0.0.1:" + std::to_string(free_port()) +
      "/\"}\n- {name: fast, type: prometheus, url: \"" + app.url("/fast") + "\"}\n");
  auto health = adapter.get("/pod/healthz");
  CHECK(health.status == 200);
  CHECK(health.body.find("Connection refused") != std::string::npos);
}

TEST_CASE("requests at the same time share one scrape") {
  App app;
  app.on("/m", "text/plain", "a 1\n", 300ms);
  Adapter adapter("- {name: app, type: prometheus, url: \"" + app.url("/m") + "\"}\n");
  std::vector<std::thread> clients;
  std::atomic<int> good{0};
  for (int i = 0; i < 20; ++i)
    clients.emplace_back([&] {
      if (has_line(adapter.get("/metrics").body, "a{container=\"app\"} 1")) ++good;
    });
  for (auto& client : clients) client.join();
  CHECK(good == 20);
  CHECK(app.requests <= 3);  // one, or a late thread's own
}

TEST_CASE("wrong answers make a source down or are left out line by line, and the page stays valid") {
  App app;
  app.on("/html", "text/html", "<html>Welcome</html>\n");
  app.on("/half", "text/plain", "good 1\nbad{ 2\nworse\ngood{x=\"\xff\"} 1\n");
  app.on("/conflict", "text/plain",
         "# TYPE good histogram\ngood_bucket{le=\"+Inf\"} 1\ngood_sum 1\ngood_count 1\nfine 2\n");
  std::string noise;
  for (int i = 0; i < 100'000; ++i) noise += static_cast<char>(i * 7919 >> 3);
  app.on("/noise", "text/plain", noise);
  app.on("/json", "application/json", "{\"a\":");
  auto source = [&](const std::string& name, const std::string& type, const std::string& path) {
    return "- {name: " + name + ", type: " + type + ", url: \"" + app.url(path) + "\"}\n";
  };
  Adapter adapter(source("html", "prometheus", "/html") + source("half", "prometheus", "/half") +
                  source("conflict", "prometheus", "/conflict") + source("noise", "prometheus", "/noise") +
                  source("missing", "prometheus", "/missing") + source("nojson", "json", "/json") +
                  source("nonginx", "nginx", "/html"));
  auto page = adapter.get("/metrics").body;
  INFO(page);
  CHECK(promtool_errors(page) == "");
  CHECK(has_line(page, "good{container=\"half\"} 1"));
  CHECK(has_line(page, "tandem_source_problems{source=\"half\",container=\"half\"} 3"));
  CHECK(has_line(page, "fine{container=\"conflict\"} 2"));
  CHECK(page.find("good_bucket") == std::string::npos);
  for (const char* name : {"html", "noise", "missing", "nojson", "nonginx"}) {
    CAPTURE(name);
    CHECK(has_line(page, std::string("tandem_source_up{source=\"") + name + "\",container=\"" + name + "\"} 0"));
  }
  CHECK(adapter.get("/pod/healthz").body.find("HTTP status 404") != std::string::npos);
  CHECK(adapter.process.admin("/metrics").body.find("tandem_metrics_families_dropped_total 1") != std::string::npos);
}

TEST_CASE("a page of two hundred thousand samples goes through") {
  App app;
  std::string big = "# TYPE big gauge\n";
  for (int i = 0; i < 200'000; ++i) big += "big{i=\"" + std::to_string(i) + "\"} " + std::to_string(i) + "\n";
  app.on("/big", "text/plain", big);
  Adapter adapter("- {name: big, type: prometheus, url: \"" + app.url("/big") + "\"}\n");
  auto page = adapter.get("/metrics").body;
  CHECK(has_line(page, "big{container=\"big\",i=\"199999\"} 199999"));
  CHECK(has_line(page, "tandem_source_samples{source=\"big\",container=\"big\"} 200000"));
}
