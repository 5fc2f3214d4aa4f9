// The guestbook against a real Redis, asked with curl.
#include <signal.h>

#include <catch2/catch.hpp>
#include <future>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "tests/support/servers.hpp"
#include "tests/support/skip.hpp"

using namespace tandem;

std::string test::reason_to_skip() {
  if (find_program("redis-server").empty())
    return "redis-server is not here: run tests/support/unpack-servers redis-server";
  if (find_program("redis-cli").empty()) return "redis-cli is not here: run tests/support/unpack-servers redis-tools";
  return find_program("curl").empty() ? "curl is not here" : "";
}

namespace {

struct Pair {
  test::TemporaryDirectory directory;
  int redis_port = test::free_port(), port = test::free_port();
  std::optional<test::Child> redis, program;

  void start_redis() {
    redis.emplace(
        std::vector<std::string>{test::find_program("redis-server"), "--port", std::to_string(redis_port), "--bind",
                                 "127.0.0.1", "--dir", directory.path().string(), "--appendonly", "yes"},
        directory / "redis.log");
    REQUIRE(test::wait_until([&] { return test::can_connect(redis_port); }));
  }
  void start_program() {
    program.emplace(
        std::vector<std::string>{TANDEM_BINARY_DIR "/bin/guestbook", "--listen", "127.0.0.1:" + std::to_string(port),
                                 "--redis", "127.0.0.1:" + std::to_string(redis_port), "--access-log",
                                 (directory / "access.log").string()},
        directory / "guestbook.log");
    REQUIRE(test::wait_until([&] { return test::can_connect(port); }));
  }
  // "CODE body"
  std::string ask(const std::string& path, std::vector<std::string> options = {}) const {
    std::vector<std::string> command = {test::find_program("curl"), "-s", "-m", "10", "-w", "\n%{http_code}"};
    command.insert(command.end(), options.begin(), options.end());
    command.push_back("http://127.0.0.1:" + std::to_string(port) + path);
    const std::string output = run_command(command).output;
    const std::size_t end = output.rfind('\n');
    return end == output.npos ? output : output.substr(end + 1) + " " + output.substr(0, end);
  }
  // The answer once Redis is found again: until then it is 503 at once.
  std::string ask_until_found(const std::string& path, const std::vector<std::string>& options = {}) const {
    std::string answer;
    test::wait_until([&] {
      answer = ask(path, options);
      return !answer.starts_with("503 ");
    });
    return answer;
  }
};

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

TEST_CASE("entries are written and read back, and every request is a line in the log") {
  Pair pair;
  pair.start_redis();
  pair.start_program();
  CHECK_THAT(pair.ask("/entries", {"-d", "text=first"}), Catch::StartsWith("201 {\"id\":1,\"text\":\"first\""));
  CHECK_THAT(pair.ask("/entries", {"-H", "Content-Type: application/json", "-d", R"({"text":"second"})"}),
             Catch::StartsWith("201 {\"id\":2"));
  CHECK_THAT(pair.ask("/entries?limit=1"), Catch::StartsWith("200 {\"entries\":[{\"id\":2,\"text\":\"second\""));
  CHECK_THAT(pair.ask("/"), Catch::StartsWith("200 <!doctype html>") && Catch::Contains("first"));
  CHECK_THAT(pair.ask("/entries", {"-d", "x=1"}), Catch::StartsWith("400 "));
  CHECK_THAT(pair.ask("/entries?limit=0"), Catch::StartsWith("400 "));
  CHECK_THAT(pair.ask("/nothing"), Catch::StartsWith("404 "));
  CHECK_THAT(pair.ask("/healthz"), Catch::StartsWith("200 ok"));
  CHECK_THAT(pair.ask("/stats"), Catch::Contains("\"total\":7") && Catch::Contains("\"written\":2"));
  const std::string log = read_file(pair.directory / "access.log");
  CHECK(std::count(log.begin(), log.end(), '\n') == 7);
  CHECK_THAT(log, Catch::Contains("\"POST /entries HTTP/1.1\" 201"));
}

TEST_CASE("without Redis it says so, and finds it again by itself") {
  Pair pair;
  pair.start_program();
  CHECK_THAT(pair.ask("/entries"), Catch::StartsWith("503 ") && Catch::Contains("Connection refused"));
  CHECK_THAT(pair.ask("/healthz"), Catch::StartsWith("200"));
  pair.start_redis();
  CHECK_THAT(pair.ask_until_found("/entries", {"-d", "text=kept"}), Catch::StartsWith("201 "));
  pair.redis->signal(SIGTERM);
  pair.redis->wait();
  CHECK_THAT(pair.ask("/entries"), Catch::StartsWith("503 "));
  pair.start_redis();
  CHECK_THAT(pair.ask_until_found("/entries"), Catch::StartsWith("200 ") && Catch::Contains("kept"));
}

TEST_CASE("a Redis that is away for a moment costs a request that moment, and no error") {
  Pair pair;
  pair.start_redis();
  pair.start_program();
  CHECK_THAT(pair.ask("/entries", {"-d", "text=kept"}), Catch::StartsWith("201 "));
  pair.redis->signal(SIGTERM);
  pair.redis->wait();
  auto asked = std::async(std::launch::async, [&] { return pair.ask("/entries"); });
  CHECK(asked.wait_for(std::chrono::milliseconds(200)) == std::future_status::timeout);
  pair.start_redis();
  CHECK_THAT(asked.get(), Catch::StartsWith("200 ") && Catch::Contains("kept"));
}

TEST_CASE("a Redis that is reading its file costs a request that moment, and no error") {
  Pair pair;
  const auto start = [&](std::vector<std::string> options) {
    std::vector<std::string> command{test::find_program("redis-server"),
                                     "--port",
                                     std::to_string(pair.redis_port),
                                     "--bind",
                                     "127.0.0.1",
                                     "--dir",
                                     pair.directory.path().string(),
                                     "--save",
                                     "900 1",
                                     "--enable-debug-command",
                                     "yes"};
    command.insert(command.end(), options.begin(), options.end());
    pair.redis.emplace(command, pair.directory / "redis.log");
  };
  const auto ask_redis = [&](const std::vector<std::string>& words) {
    std::vector<std::string> command = test::command_of("redis-cli");
    command.insert(command.end(), {"-p", std::to_string(pair.redis_port)});
    command.insert(command.end(), words.begin(), words.end());
    return run_command(command).output;
  };
  start({});
  REQUIRE(test::wait_until([&] { return test::can_connect(pair.redis_port); }));
  pair.start_program();
  CHECK_THAT(pair.ask("/entries", {"-d", "text=kept"}), Catch::StartsWith("201 "));
  REQUIRE_THAT(ask_redis({"DEBUG", "POPULATE", "400"}), Catch::StartsWith("OK"));
  pair.redis->signal(SIGTERM);  // saves
  pair.redis->wait();
  start({"--key-load-delay", "1000", "--loading-process-events-interval-bytes", "1024"});
  REQUIRE(test::wait_until([&] { return ask_redis({"PING"}).find("LOADING") != std::string::npos; }));
  CHECK_THAT(pair.ask("/entries"), Catch::StartsWith("200 ") && Catch::Contains("kept"));
}

TEST_CASE("a Redis that hangs costs one request two seconds, and the next ones nothing, until it goes on") {
  Pair pair;
  pair.start_redis();
  pair.start_program();
  CHECK_THAT(pair.ask("/entries"), Catch::StartsWith("200 "));
  pair.redis->signal(SIGSTOP);
  const auto start = std::chrono::steady_clock::now();
  CHECK_THAT(pair.ask("/entries"), Catch::StartsWith("503 ") && Catch::Contains("no answer in 2000 ms"));
  CHECK(seconds_since(start) < 8);
  const auto known = std::chrono::steady_clock::now();
  for (int i = 0; i < 10; ++i) {
    CHECK_THAT(pair.ask("/entries"), Catch::StartsWith("503 ") && Catch::Contains("no answer in 2000 ms"));
    CHECK_THAT(pair.ask("/"), Catch::StartsWith("503 <!doctype html>") && Catch::Contains("cannot be reached"));
    CHECK_THAT(pair.ask("/entries", {"-d", "text=lost"}), Catch::StartsWith("503 "));
  }
  CHECK(seconds_since(known) < 15);  // each two seconds: a minute
  pair.redis->signal(SIGCONT);
  CHECK_THAT(pair.ask_until_found("/entries"), Catch::StartsWith("200 ") && !Catch::Contains("lost"));
}

TEST_CASE("what needs no Redis answers without it as with it") {
  Pair pair;
  pair.start_program();
  CHECK_THAT(pair.ask("/"), Catch::StartsWith("503 <!doctype html>") && Catch::Contains("Connection refused"));
  for (const char* path : {"/about", "/healthz", "/stats"}) CHECK_THAT(pair.ask(path), Catch::StartsWith("200 "));
  CHECK_THAT(pair.ask("/nothing"), Catch::StartsWith("404 "));
  CHECK_THAT(pair.ask("/stats"), Catch::Contains("\"up\":false"));
}

TEST_CASE("SIGTERM ends it at once while it waits for Redis to come back") {
  Pair pair;
  pair.start_redis();
  pair.start_program();
  pair.redis->signal(SIGSTOP);
  CHECK_THAT(pair.ask("/entries"), Catch::StartsWith("503 "));
  const auto start = std::chrono::steady_clock::now();
  pair.program->signal(SIGTERM);
  CHECK(pair.program->wait() == ExitStatus{});
  CHECK(seconds_since(start) < 1.5);  // a PING waits for two
  pair.redis->signal(SIGCONT);
}

TEST_CASE("SIGTERM ends it with exit code 0") {
  Pair pair;
  pair.start_redis();
  pair.start_program();
  CHECK_THAT(pair.ask("/entries", {"-d", "text=last"}), Catch::StartsWith("201 "));
  pair.program->signal(SIGTERM);
  CHECK(pair.program->wait() == ExitStatus{});
}
