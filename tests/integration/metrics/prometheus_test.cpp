// A real Prometheus scrapes the adapter.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/integration/metrics/pod.hpp"

using namespace tandem;
using namespace tandem::test;

TEST_CASE("Prometheus scrapes the page and answers queries about each container") {
  Nginx nginx;
  App app;
  app.on("/metrics", "text/plain", "# TYPE work_total counter\nwork_total{kind=\"a\"} 5\n");
  Adapter adapter("- {name: web, type: nginx, url: \"http://127.0.0.1:" + std::to_string(nginx.port) + "/status\"}\n" +
                  "- {name: app, type: prometheus, url: \"" + app.url("/metrics") + "\"}\n");
  TemporaryDirectory directory;
  write_file(directory / "prometheus.yml",
             "global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n- job_name: pod\n  static_configs:\n"
             "  - targets: [\"127.0.0.1:" +
                 std::to_string(adapter.port) + "\"]\n");
  int port = free_port();
  Child prometheus({find_program("prometheus"), "--config.file=" + (directory / "prometheus.yml").string(),
                    "--storage.tsdb.path=" + (directory / "data").string(),
                    "--web.listen-address=127.0.0.1:" + std::to_string(port)},
                   directory / "log");
  auto ask = [&](const std::string& query) -> std::string {
    auto answer = http_get(port, "/api/v1/query?query=" + query);
    auto json = nlohmann::json::parse(answer.body, nullptr, false);
    if (answer.status != 200 || json.is_discarded() || json["data"]["result"].empty()) return "";
    return json["data"]["result"][0]["value"][1];
  };
  INFO(read_file_if_exists(directory / "log").value_or(""));
  CHECK(wait_until([&] { return ask("work_total%7Bcontainer=%22app%22,kind=%22a%22%7D") == "5"; }));
  CHECK(ask("nginx_up%7Bcontainer=%22web%22%7D") == "1");
  CHECK(ask("up%7Bjob=%22pod%22%7D") == "1");
  CHECK(ask("sum(tandem_source_up)") == "2");
}
