// The three example pods with their real servers, as the demo launches them; and what a helper's death does to the
// service.
#include <catch2/catch.hpp>
#include <csignal>
#include <set>

#include "tests/e2e/guestbook/pods.hpp"

using namespace tandem::test;
using namespace std::chrono_literals;

namespace {

// Records that the log sidecar has shipped, of the run before a restart too.
std::string shipped() {
  return machine().tandem({"logs", "guestbook", "-c", "log", "-p"}).output +
         machine().tandem({"logs", "guestbook", "-c", "log"}).output;
}

std::set<int> marks_in(const std::string& text, const std::string& mark) {
  std::set<int> found;
  for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1))
    found.insert(std::atoi(text.c_str() + at + mark.size()));
  return found;
}

// Requests through nginx to the guestbook run while `container`'s process is killed; none may fail, all must be
// shipped.
void kill_while_requests_run(const std::string& container) {
  const pid_t process = machine().process_of("guestbook", container);
  REQUIRE(process > 0);
  const std::string host = machine().pod_ip("guestbook"), mark = "mark=" + container + "-";
  constexpr int total = 400;
  int failed = 0;
  for (int i = 1; i <= total; ++i) {
    if (i == total / 4) REQUIRE(::kill(process, SIGKILL) == 0);
    const HttpAnswer answer = http_get(host, 8080, "/entries?limit=1&" + mark + std::to_string(i) + ".");
    if (answer.status != 200) ++failed;
  }
  CHECK(failed == 0);
  REQUIRE(wait_until([&] {
    const pid_t now = machine().process_of("guestbook", container);
    return now > 0 && now != process;
  }));
  REQUIRE(wait_until([] { return machine().ready("guestbook"); }));
  std::set<int> seen;
  wait_until([&] {
    seen = marks_in(shipped(), mark);
    return seen.size() == total;
  });
  CHECK(seen.size() == total);
}

}  // namespace

TEST_CASE("the three example pods become ready, every container of them") {
  for (const char* pod : {"redis-cluster", "guestbook", "monitoring"}) {
    INFO(pod);
    CHECK(machine().ready(pod));
  }
  CHECK(machine().ok({"get", "pods"}).find("5/5     Running   0") != std::string::npos);
}

TEST_CASE("entries written through nginx are read back, and their keys lie in the cluster") {
  const std::string host = machine().pod_ip("guestbook");
  for (int i = 0; i < 20; ++i)
    REQUIRE(http_post(host, 8080, "/entries", "text=entry+" + std::to_string(i)).status / 100 == 2);
  const HttpAnswer entries = http_get(host, 8080, "/entries");
  CHECK(entries.status == 200);
  CHECK(entries.body.find("entry 19") != std::string::npos);
  const auto info =
      machine().ok({"exec", "redis-cluster", "-c", "form", "--", "redis-cli", "-p", "7000", "cluster", "info"});
  CHECK(info.find("cluster_state:ok") != std::string::npos);
  std::set<std::string> nodes_with_keys;
  for (const char* port : {"7000", "7001", "7002", "7003", "7004", "7005"})
    if (machine().ok({"exec", "redis-cluster", "-c", "form", "--", "redis-cli", "-p", port, "dbsize"}) != "0\n")
      nodes_with_keys.insert(port);
  CHECK(nodes_with_keys.size() >= 2);
}

TEST_CASE(
    "one endpoint has the metrics of web server, program and cache, and a Prometheus in another pod has scraped it") {
  const HttpAnswer page = http_get(machine().pod_ip("guestbook"), 9464, "/metrics");
  REQUIRE(page.status == 200);
  for (const char* sample :
       {"nginx_http_requests_total{container=\"web\"", "guestbook_requests_total{container=\"guestbook\"",
        "redis_connected_clients{container=\"redis\"", "tandem_source_up{"}) {
    INFO(sample);
    CHECK(page.body.find(sample) != std::string::npos);
  }
  CHECK(http_get(machine().pod_ip("guestbook"), 9464, "/pod/healthz").status == 200);
  // Every source of the adapter, as Prometheus sees it: none is down.
  const auto answers_one = [](const std::string& query) {
    const HttpAnswer answer = http_get(machine().pod_ip("monitoring"), 9090, "/api/v1/query?query=" + query);
    return answer.body.find("\"value\":[") != std::string::npos && answer.body.find(",\"1\"]") != std::string::npos;
  };
  REQUIRE(wait_until([&] { return answers_one("min(tandem_source_up)"); }));
}

TEST_CASE(
    "kill -9 of a helper or of the supervisor while requests run: none fails, it comes back, no log line is missing") {
  for (const char* victim : {"log", "metrics", "redis", "supervisor"}) {
    DYNAMIC_SECTION(victim) { kill_while_requests_run(victim); }
  }
}

TEST_CASE("a cluster master's death is an interruption, not an end: entries are written again") {
  const pid_t master = [] {
    for (const char* port : {"7000", "7001", "7002", "7003", "7004", "7005"}) {
      const auto role = machine().ok({"exec", "redis-cluster", "-c", "form", "--", "redis-cli", "-p", port, "role"});
      if (role.find("master") == 0) return machine().process_of("redis-cluster", std::string("node-") + port);
    }
    return pid_t(0);
  }();
  REQUIRE(master > 0);
  REQUIRE(::kill(master, SIGKILL) == 0);
  int written = 0;
  CHECK(wait_until(
      [&] {
        written = http_post(machine().pod_ip("guestbook"), 8080, "/entries", "text=after").status / 100 == 2
                      ? written + 1
                      : 0;
        return written >= 20;  // in a row, so on all nodes
      },
      90s));
}

TEST_CASE("delete takes everything away") {
  machine().ok(with_manifests({"delete"}));
  CHECK(machine().leftovers() == "");
}
