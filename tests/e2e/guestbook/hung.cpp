// What the service loses while a helper hangs, and for how long: SIGSTOP keeps a program's connections and answers
// nothing on them, so no connection breaks and no exit tells of it.
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "tests/e2e/guestbook/pods.hpp"

using namespace tandem::test;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

struct Route {
  int port;
  std::string path;
  std::set<std::string> needs;  // helpers without which it does not answer 200
};

const std::vector<Route>& routes() {
  static const std::vector<Route> all{{8080, "/about", {}},
                                      {8080, "/stats", {}},
                                      {8080, "/healthz", {}},
                                      {8080, "/web/healthz", {}},
                                      {8080, "/nothing", {}},
                                      {8080, "/", {"redis"}},
                                      {8080, "/entries", {"redis"}},
                                      {9464, "/metrics", {"metrics"}},
                                      {9464, "/pod/healthz", {"metrics", "redis"}},
                                      {9101, "/healthz", {"log"}},
                                      {9102, "/healthz", {"redis"}},
                                      {9103, "/healthz", {"metrics"}}};
  return all;
}

bool well(const Route& route, const HttpAnswer& answer) {
  return answer.status == (route.path == "/nothing" ? 404 : 200);
}

// Asks, again and again, what does not need `hung`: nothing of it may fail. And what does, at nginx: it may say 503.
class Visitors {
 public:
  Visitors(std::string host, std::string hung)
      : host_(std::move(host)),
        hung_(std::move(hung)),
        free_([this] { visit(false); }),
        needing_([this] { visit(true); }) {}
  ~Visitors() { end(); }
  Visitors(const Visitors&) = delete;
  Visitors& operator=(const Visitors&) = delete;

  void end() {
    stop_ = true;
    if (free_.joinable()) free_.join();
    if (needing_.joinable()) needing_.join();
  }

  // To be read after end().
  int answered = 0, degraded = 0, degraded_at_once = 0;
  std::string failures, unclear;  // of what needs no `hung`; of what does

 private:
  void visit(bool needing) {
    while (!stop_) {
      for (const Route& route : routes()) {
        if (route.needs.contains(hung_) != needing || (needing && route.port != 8080)) continue;
        const auto asked = Clock::now();
        const HttpAnswer answer = http_get(host_, route.port, route.path);
        const Seconds took = Clock::now() - asked;
        std::string said =
            route.path + ": " + std::to_string(answer.status) + " after " + std::to_string(took.count()) + " s\n";
        if (!needing) {
          well(route, answer) ? void(++answered) : void(failures += said);
        } else if (answer.status == 503) {
          ++degraded;
          if (took < 500ms) ++degraded_at_once;
          if (answer.body.find("entries cannot be reached") == std::string::npos || took > 8s) unclear += said;
        } else if (!well(route, answer)) {
          unclear += said;
        }
      }
      std::this_thread::sleep_for(10ms);  // between two visits; waits for nothing
    }
  }

  const std::string host_, hung_;
  std::atomic<bool> stop_ = false;
  std::thread free_, needing_;
};

// The longest that a container hangs, as its liveness probe has it: just answered, then every answer late, then
// SIGKILL.
std::chrono::seconds promised(const std::string& pod, const std::string& container) {
  const nlohmann::json spec = machine().pod(pod).at("spec");
  for (const auto& one : spec.at("initContainers")) {
    if (one.at("name") != container) continue;
    const auto& probe = one.at("livenessProbe");
    return std::chrono::seconds(
        probe.at("periodSeconds").get<int>() * probe.value("failureThreshold", 3) + probe.value("timeoutSeconds", 1) +
        probe.value("terminationGracePeriodSeconds", spec.at("terminationGracePeriodSeconds").get<int>()));
  }
  throw std::runtime_error("no such helper: " + container);
}

}  // namespace

TEST_CASE("a helper that hangs is replaced when its probes promise it, and until then only what needs it says so") {
  if (machine().pod("guestbook").is_null()) launch_again();  // run in one program with the tests of guestbook.cpp
  for (const std::string hung : {"log", "metrics", "redis"}) {
    DYNAMIC_SECTION(hung) {
      const std::string host = machine().pod_ip("guestbook");
      REQUIRE(wait_until([] { return machine().ready("guestbook"); }));
      const pid_t process = machine().process_of("guestbook", hung);
      REQUIRE(process > 0);
      const auto limit = promised("guestbook", hung);
      CHECK(limit <= 10s);
      Visitors visitors(host, hung);
      const auto stopped = Clock::now();
      REQUIRE(::kill(process, SIGSTOP) == 0);
      // Its own routes tell that it hangs, so the first good round is the new process'.
      const bool again = wait_until(
          [&] {
            for (const Route& route : routes())
              if (!well(route, http_get(host, route.port, route.path))) return false;
            return true;
          },
          90s);
      const Seconds took = Clock::now() - stopped;
      visitors.end();
      REQUIRE(again);
      WARN(hung << " hung: all routes well again after " << took.count() << " s; meanwhile " << visitors.answered
                << " answers that do without it, " << visitors.degraded << " times 503, " << visitors.degraded_at_once
                << " of them at once");
      CHECK(machine().process_of("guestbook", hung) != process);
      CHECK(took < limit + 20s);  // a start, and a busy machine
      CHECK(visitors.failures == "");
      CHECK(visitors.unclear == "");
      CHECK(visitors.answered >= 20);
      if (hung == "redis") CHECK(visitors.degraded_at_once > visitors.degraded / 2);
    }
  }
}
