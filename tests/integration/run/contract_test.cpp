// The helper contract of core/README.md, promise by promise.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <csignal>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/os/process.hpp"
#include "tests/integration/run/helper_process.hpp"

using namespace tandem;
using namespace tandem::test;
using namespace std::chrono_literals;

namespace {

const std::string helper = TANDEM_BINARY_DIR "/tests/test-helper";

// The status of the answer to a request as it is written.
int status_of(int port, const std::string& request) {
  const unique_fd connection(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (::connect(connection.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return 0;
  write_all(connection.get(), request + "Connection: close\r\n\r\n", "admin");
  std::string answer;
  char buffer[4096];
  for (ssize_t count; (count = ::recv(connection.get(), buffer, sizeof buffer, 0)) > 0;)
    answer.append(buffer, static_cast<std::size_t>(count));
  return answer.starts_with("HTTP/1.1 ") ? std::stoi(answer.substr(9, 3)) : -1;
}

}  // namespace

TEST_CASE("a helper answers on its admin port and ends with 0 on SIGTERM") {
  HelperProcess process(helper, "word: ready\ntoken: hunter2\n", {{"POD_NAME", "pod-a"}, {"POD_NAMESPACE", "team"}});
  REQUIRE(process.healthy());
  CHECK(process.admin("/readyz").status == 200);
  CHECK(process.admin("/extra").body == "more\n");
  CHECK(process.admin("/nothing").status == 404);
  auto metrics = process.admin("/metrics");
  CHECK(metrics.type == "text/plain; version=0.0.4; charset=utf-8");
  for (const char* line :
       {"helper_starts_total 1\n", "tandem_build_info{program=\"test-helper\",version=\"0.0.1\"} 1\n",
        "# TYPE process_cpu_seconds_total counter\n", "tandem_draining 0\n"}) {
    INFO(metrics.body);
    CHECK(metrics.body.find(line) != std::string::npos);
  }
  auto config = process.admin("/configz");
  CHECK(config.status == 200);
  CHECK(config.body.find("hunter2") == std::string::npos);
  CHECK(config.body.find("word: ready\n") != std::string::npos);
  CHECK(config.body.find("mode: normal\n") != std::string::npos);
  process.child->signal(SIGTERM);
  CHECK(process.child->wait() == ExitStatus{0, 0, false});
  std::istringstream lines(process.output());
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    INFO(line);
    auto json = nlohmann::json::parse(line);
    CHECK(json["pod"] == "pod-a");
    CHECK(json["namespace"] == "team");
  }
  CHECK(count >= 3);
}

TEST_CASE("readiness says why not, and draining is not ready") {
  HelperProcess waiting(helper, "mode: not-ready\n");
  REQUIRE(waiting.healthy());
  auto state = waiting.admin("/readyz");
  CHECK(state.status == 503);
  CHECK(state.body == "not ready: no upstream yet\n");

  HelperProcess slow(helper, "mode: slow-drain\n");
  REQUIRE(slow.healthy());
  slow.child->signal(SIGTERM);
  CHECK(wait_until([&] { return slow.admin("/readyz").body == "not ready: draining\n"; }));
  CHECK(slow.child->wait() == ExitStatus{0, 0, false});
}

TEST_CASE("a drain that takes too long ends with 1 and says so") {
  HelperProcess process(helper, "mode: stuck\ndrain: {timeout: 100ms}\n");
  REQUIRE(process.healthy());
  process.child->signal(SIGTERM);
  CHECK(process.child->wait(20s) == ExitStatus{1, 0, false});  // the default deadline is 25 s
  CHECK(process.output().find("the drain deadline passed with work left") != std::string::npos);
}

TEST_CASE("a second signal ends at once") {
  HelperProcess process(helper, "mode: stuck\n");
  REQUIRE(process.healthy());
  process.child->signal(SIGTERM);
  REQUIRE(process.logs("draining"));
  process.child->signal(SIGINT);
  CHECK(process.child->wait(5s) == ExitStatus{1, 0, false});
}

TEST_CASE("--check, --print-config, --version and --help need no running helper") {
  TemporaryDirectory directory;
  auto good = directory / "good.yaml", bad = directory / "bad.yaml";
  write_file(good, "token: hunter2\n");
  write_file(bad, "mode: odd\nwrod: x\n");
  auto check = run_command({helper, "--config", good, "--check"});
  CHECK(check.status.code == 0);
  auto refused = run_command({helper, "--check", "--config", bad});
  CHECK(refused.status.code == 65);
  CHECK(refused.errors.find(bad.string() + ":1:7: mode: \"odd\" is none of") == 0);
  CHECK(refused.errors.find(bad.string() + ":2:1: unknown field \"wrod\"; did you mean \"word\"?") !=
        std::string::npos);
  CHECK(run_command({helper, "--config", bad}).status.code == 65);
  CHECK(run_command({helper, "--config", "/nowhere"}).status.code == 69);
  auto printed = run_command({helper, "--config", good, "--print-config"});
  CHECK(printed.output.find("***") != std::string::npos);
  CHECK(printed.output.find("hunter2") == std::string::npos);
  CHECK(run_command({helper, "--version"}).output == "test-helper 0.0.1\n");
  CHECK(run_command({helper, "--help"}).output.find("TEST_HELPER_WORD") != std::string::npos);
  CHECK(run_command({helper, "--nonsense"}).status.code == 64);
}

TEST_CASE("the admin port answers to its own names and those of admin.hosts, and to one Host in a request") {
  HelperProcess process(helper, "", {{"POD_NAME", "pod-a"}});
  const auto port = std::to_string(process.admin_port);
  auto config = read_file(process.config_file);
  config.replace(config.find("listen:"), 7, "hosts: [metrics.shop.svc], listen:");
  process.child.reset();
  replace_file(process.config_file, config);
  process.child.emplace(std::vector<std::string>{helper, "--config", process.config_file.string()}, process.log,
                        std::map<std::string, std::string>{{"POD_NAME", "pod-a"}});
  REQUIRE(process.healthy());
  const auto ask = [&](const std::string& path, const std::string& headers) {
    return status_of(process.admin_port, "GET " + path + " HTTP/1.1\r\n" + headers);
  };
  for (const char* path : {"/healthz", "/readyz", "/metrics", "/configz", "/extra"}) {
    INFO(path);
    for (const char* host : {"127.0.0.1", "localhost", "pod-a", "metrics.shop.svc", "10.0.0.7"}) {
      CHECK(ask(path, std::string("Host: ") + host + ":" + port + "\r\n") == 200);
      CHECK(ask(path, std::string("Host: ") + host + "\r\n") == 200);
    }
    CHECK(ask(path, "Host: evil.example:" + port + "\r\n") == 421);
    CHECK(ask(path, "Host: pod-a.evil.example\r\n") == 421);
    CHECK(ask(path, "") == 400);
    CHECK(ask(path, "Host: localhost\r\nHost: localhost\r\n") == 400);
    CHECK(ask(path, "Host: localhost\r\nHost: evil.example\r\n") == 400);
  }
  CHECK(ask("/configz", "Host: localhost\r\nOrigin: http://evil.example\r\n") == 403);
  config.replace(config.find("metrics.shop"), 12, "renamed.shop");
  replace_file(process.config_file, config);
  process.child->signal(SIGHUP);
  CHECK(wait_until([&] { return ask("/metrics", "Host: renamed.shop.svc\r\n") == 200; }));
  CHECK(ask("/metrics", "Host: metrics.shop.svc\r\n") == 421);
}

TEST_CASE("a FIFO in place of the config ends the program at the start, and is refused by SIGHUP") {
  HelperProcess process(helper, "word: one\n");
  REQUIRE(process.healthy());
  fs::remove(process.config_file);
  REQUIRE(::mkfifo(process.config_file.c_str(), 0600) == 0);
  process.child->signal(SIGHUP);
  CHECK(process.logs("it is a FIFO"));
  CHECK(process.admin("/healthz").status == 200);
  process.child->signal(SIGTERM);
  CHECK(process.child->wait() == ExitStatus{0, 0, false});
  TemporaryDirectory directory;
  Child second({helper, "--config", process.config_file.string()}, directory / "log");
  CHECK(second.wait(std::chrono::seconds(20)) == ExitStatus{69, 0, false});
}

TEST_CASE("a secret is in no message, at the start, by a variable and by SIGHUP") {
  HelperProcess process(helper, "token: hunter2\n", {{"TEST_HELPER_WORD", "http://u:hunter3@h/?token=hunter4"}});
  REQUIRE(process.healthy());
  process.write_config("token: 2026113012\n");
  process.child->signal(SIGHUP);
  CHECK(process.logs("token: a string is wanted, not an integer"));
  CHECK(process.admin("/configz").body.find("word: http://u:***@h/?token=***\n") != std::string::npos);
  const auto refused = run_command({helper, "--config", process.config_file.string(), "--check"});
  CHECK(refused.status.code == 65);
  const auto by_variable = run_command({"env", "TEST_HELPER_TOKEN=12345", helper, "--check"});
  CHECK(by_variable.status.code == 0);
  const auto all = process.output() + refused.output + refused.errors + process.admin("/configz").body;
  for (const char* secret : {"hunter2", "hunter3", "hunter4", "2026113012"}) {
    INFO(all);
    CHECK(all.find(secret) == std::string::npos);
  }
}
