// tandem-metrics against sources and scrapers that mean it ill.
#include <netinet/in.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <thread>

#include "core/os/files.hpp"
#include "tests/integration/metrics/pod.hpp"
#include "tests/support/hostile.hpp"

using namespace tandem;
using namespace tandem::test;
using namespace std::chrono_literals;
using Catch::Matchers::StartsWith;

namespace {

constexpr std::size_t much = 512 << 20;

// Answers each connection with `head` and then `piece` without end; how much each has taken.
class EndlessSource {
 public:
  EndlessSource(std::string head, std::string piece) : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    const int on = 1;
    ::setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    REQUIRE(::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(listener_.get(), 8) == 0);
    thread_ = std::thread([this, head = std::move(head), piece = std::move(piece)] {
      for (;;) {
        const unique_fd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!client) return;
        const std::size_t taken = flood(client.get(), head, piece, much);
        most = std::max<std::size_t>(most, taken);
      }
    });
  }
  ~EndlessSource() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }
  int port = free_port();
  std::atomic<std::size_t> most{0};

 private:
  unique_fd listener_;
  std::thread thread_;
};

}  // namespace

TEST_CASE("an answer without end, under whatever name, is a source that is down, and no memory") {
  const NoQuarantine plain;
  App app;
  app.on("/m", "text/plain", "good 1\n");
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  std::string chunks;  // each of them is small
  for (int i = 0; i < 64; ++i) chunks += "1;" + std::string(1000, 'a') + "\r\n#\r\n";
  for (const auto& [begin, piece] : {std::pair(head + "1;", std::string(64 * 1024, 'a')), std::pair(head, chunks),
                                     std::pair(head + "0\r\nX: ", std::string(64 * 1024, 'a'))}) {
    CAPTURE(begin, piece.size());
    EndlessSource source(begin, piece);
    Adapter adapter("- {name: bad, type: prometheus, url: \"http://127.0.0.1:" + std::to_string(source.port) +
                    "/\"}\n- {name: good, type: prometheus, url: \"" + app.url("/m") + "\"}\n");
    REQUIRE(adapter.process.healthy());
    const long before = peak_kib(adapter.process.child->pid());
    const std::string page = adapter.get("/metrics").body;
    CHECK(has_line(page, "good{container=\"good\"} 1"));
    CHECK(has_line(page, "tandem_source_up{source=\"bad\",container=\"bad\"} 0"));
    CHECK(source.most < much);
    CHECK(peak_kib(adapter.process.child->pid()) - before < 100 * 1024);
  }
}

TEST_CASE("a source that answers more than it may is down, is counted, and may again when the limit is raised") {
  App app;
  app.on("/m", "text/plain", "good 1\n");
  std::string large;
  for (int i = 0; large.size() < (2u << 20); ++i) large += "large{n=\"" + std::to_string(i) + "\"} 1\n";
  app.on("/large", "text/plain", large);
  const std::string sources = "- {name: large, type: prometheus, url: \"" + app.url("/large") +
                              "\"}\n- {name: good, type: prometheus, url: \"" + app.url("/m") + "\"}\n";
  Adapter adapter(sources, "limits: {answerBytes: 1Mi}\n");
  const std::string page = adapter.get("/metrics").body;
  CHECK(has_line(page, "good{container=\"good\"} 1"));
  CHECK(has_line(page, "tandem_source_up{source=\"large\",container=\"large\"} 0"));
  CHECK(has_line(adapter.process.admin("/metrics").body, "tandem_metrics_answers_too_large_total{source=\"large\"} 1"));
  CHECK(adapter.process.logs("the answer is larger than limits.answerBytes"));
  adapter.process.write_config(adapter.config(sources, "limits: {answerBytes: 4Mi}\n"));
  adapter.process.child->signal(SIGHUP);
  CHECK(wait_until([&] {
    return has_line(adapter.get("/metrics").body, "tandem_source_up{source=\"large\",container=\"large\"} 1");
  }));
}

TEST_CASE("long names and deep documents cost no memory, and are counted") {
  const NoQuarantine plain;
  App app;
  std::string members;
  for (int i = 0; i < 1000; ++i) members += ",\"x" + std::to_string(i) + "\":1";
  app.on("/names", "application/json", R"({"fine":1,")" + std::string(20'000, 'k') + "\":{" + members.substr(1) + "}}");
  app.on("/deep", "application/json", std::string(7'000'000, '['));
  Adapter adapter("- {name: names, type: json, url: \"" + app.url("/names") +
                  "\"}\n- {name: deep, type: json, url: \"" + app.url("/deep") + "\"}\n");
  REQUIRE(adapter.process.healthy());
  const long before = peak_kib(adapter.process.child->pid());
  const std::string page = adapter.get("/metrics").body;
  CHECK(page.size() < 10'000);
  CHECK(has_line(page, "fine{container=\"names\"} 1"));
  CHECK(has_line(page, "tandem_source_up{source=\"names\",container=\"names\"} 1"));
  CHECK(has_line(page, "tandem_source_up{source=\"deep\",container=\"deep\"} 0"));
  CHECK(peak_kib(adapter.process.child->pid()) - before < 40 * 1024);
  const std::string own = adapter.process.admin("/metrics").body;
  CHECK(has_line(own, "tandem_metrics_left_out_total{source=\"names\",limit=\"nameBytes\"} 1"));
  CHECK(has_line(own, "tandem_metrics_left_out_total{source=\"deep\",limit=\"jsonDepth\"} 1"));
  CHECK(adapter.process.logs("nested deeper than limits.jsonDepth (100)"));
}

TEST_CASE(
    "of sources that are too large together some are down so that the rest fit, and those that keep to their part "
    "never") {
  const NoQuarantine plain;
  App app;
  app.on("/small", "text/plain", "small 1\n");
  std::string large, larger;
  for (int i = 0; large.size() < (7u << 20); ++i)
    large += "large{n=\"" + std::to_string(i) + "\",x=\"" + std::string(60, 'x') + "\"} 1\n";
  for (int i = 0; larger.size() < (7u << 20) + 500'000; ++i)
    larger += "larger{n=\"" + std::to_string(i) + "\",x=\"" + std::string(60, 'x') + "\"} 1\n";
  app.on("/large", "text/plain", large);
  app.on("/larger", "text/plain", larger);
  std::string sources;
  for (const char* name : {"small", "large", "larger"})
    sources +=
        std::string("- {name: ") + name + ", type: prometheus, url: \"" + app.url(std::string("/") + name) + "\"}\n";
  sources += "- {name: again, type: prometheus, url: \"" + app.url("/larger") + "\"}\n";
  Adapter adapter(sources);
  REQUIRE(adapter.process.healthy());
  const long before = peak_kib(adapter.process.child->pid());
  for (int i = 0; i < 3; ++i) {
    const std::string page = adapter.get("/metrics").body;
    INFO(adapter.process.output());
    CHECK(page.size() < (17u << 20));
    CHECK(has_line(page, "small{container=\"small\"} 1"));
    CHECK(has_line(page, "tandem_source_up{source=\"small\",container=\"small\"} 1"));
    CHECK((has_line(page, "# TYPE large untyped") || has_line(page, "# TYPE larger untyped")));
    CHECK(page.find("} 0\ntandem_source_up") != std::string::npos);
  }
  CHECK(peak_kib(adapter.process.child->pid()) - before < 56 * 1024);
  CHECK(adapter.process.admin("/metrics").body.find("limit=\"pageBytes\"} ") != std::string::npos);
  CHECK(adapter.process.logs("limits.pageBytes"));
}

TEST_CASE("a source cannot speak for the adapter") {
  App app;
  app.on("/a", "text/plain", "tandem_source_up{source=\"b\"} 1\nfine 1\n");
  app.on("/j", "application/json", R"({"tandem_source_up":9,"good":1})");
  Adapter adapter("- {name: a, type: prometheus, url: \"" + app.url("/a") + "\"}\n- {name: j, type: json, url: \"" +
                  app.url("/j") + "\"}\n- {name: b, type: prometheus, required: false, url: \"http://127.0.0.1:" +
                  std::to_string(free_port()) + "/\"}\n");
  const std::string page = adapter.get("/metrics").body;
  INFO(page);
  CHECK(has_line(page, "fine{container=\"a\"} 1"));
  CHECK(has_line(page, "good{container=\"j\"} 1"));
  CHECK(page.find("tandem_source_up{container=") == std::string::npos);
  CHECK(has_line(page, "tandem_source_up{source=\"b\",container=\"b\"} 0"));
  const std::string own = adapter.process.admin("/metrics").body;
  CHECK(has_line(own, "tandem_metrics_left_out_total{source=\"a\",limit=\"reserved\"} 1"));
  CHECK(has_line(own, "tandem_metrics_left_out_total{source=\"j\",limit=\"reserved\"} 1"));
}

TEST_CASE("a Redis that says the password which it was sent does not have it shown") {
  EndlessSource source("-WRONGPASS you sent hunter2\r\n", "-and hunter2 again\r\n");
  Adapter adapter("- {name: r, type: redis, password: hunter2, address: \"127.0.0.1:" + std::to_string(source.port) +
                  "\"}\n");
  const std::string health = adapter.get("/pod/healthz").body;
  CHECK(health.find("WRONGPASS you sent ***") != std::string::npos);
  CHECK(adapter.process.logs("WRONGPASS you sent ***"));
  CHECK(health.find("hunter2") == std::string::npos);
  CHECK(adapter.process.output().find("hunter2") == std::string::npos);
}

TEST_CASE("silent and slow scrapers keep no other one out, and no request takes memory without end") {
  const NoQuarantine plain;
  App app;
  app.on("/m", "text/plain", "good 1\n");
  Adapter adapter("- {name: good, type: prometheus, url: \"" + app.url("/m") + "\"}\n");
  REQUIRE(adapter.process.healthy());
  const long before = peak_kib(adapter.process.child->pid());
  const auto silent = connect_many(adapter.port, 256);
  CHECK_THAT(plain_get(adapter.port, "/metrics", 4), StartsWith("HTTP/1.1 200 "));
  const unique_fd client = connect_to_port(adapter.port);
  CHECK(flood(client.get(), "POST /metrics HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;", std::string(65536, 'a'),
              much) < much);
  CHECK_THAT(plain_get(adapter.port, "/metrics", 4), StartsWith("HTTP/1.1 200 "));
  CHECK(peak_kib(adapter.process.child->pid()) - before < 64 * 1024);
  const std::string page = adapter.process.admin("/metrics").body;
  CHECK(page.find("tandem_listener_limits_total{listener=\"listen\",reason=\"connections\"}") != std::string::npos);
  CHECK(page.find("tandem_listener_limits_total{listener=\"listen\",reason=\"size\"} 1\n") != std::string::npos);
}

TEST_CASE("clients of the scrape port cannot take the admin port's descriptors") {
  App app;
  app.on("/slow", "text/plain", "slow 1\n", 1h);
  TemporaryDirectory directory;
  const int port = free_port(), admin = free_port();
  write_file(directory / "config.yaml", "listen: 127.0.0.1:" + std::to_string(port) +
                                            "\nadmin: {listen: \"127.0.0.1:" + std::to_string(admin) +
                                            "\"}\nsources:\n- {name: slow, type: prometheus, url: \"" +
                                            app.url("/slow") + "\", timeout: 60s}\ntimeout: 60s\n");
  Child child({"/bin/sh", "-c", "ulimit -n 100; exec \"$0\" --config \"$1\"", adapter_program,
               (directory / "config.yaml").string()},
              directory / "log");
  REQUIRE(wait_until([&] { return can_connect(admin) && can_connect(port); }));
  // They wait for the source, so none can be closed for another.
  const auto waiting = connect_many(port, 200);
  for (const auto& client : waiting) flood(client.get(), "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "", 1);
  const std::string reached = "{listener=\"listen\",reason=\"descriptors\"}";
  CHECK(wait_until([&] { return plain_get(admin, "/metrics", 4).find(reached) != std::string::npos; }, 20s));
  for (int i = 0; i < 3; ++i) CHECK_THAT(plain_get(admin, "/healthz", 4), StartsWith("HTTP/1.1 200 "));
}
