// A helper's admin port against clients that mean it ill.
#include <sys/socket.h>

#include <csignal>

#include <catch2/catch.hpp>
#include <thread>

#include "tests/integration/run/helper_process.hpp"
#include "tests/support/hostile.hpp"

using namespace tandem;
using namespace tandem::test;
using namespace std::chrono_literals;
using Catch::Matchers::StartsWith;

namespace {

const std::string test_helper = TANDEM_BINARY_DIR "/tests/test-helper";
constexpr std::size_t much = 256 << 20;

}  // namespace

TEST_CASE("a request without end neither takes a helper's memory nor ends it") {
  const NoQuarantine plain;
  HelperProcess process(test_helper, "");
  REQUIRE(process.healthy());
  const long before = peak_kib(process.child->pid());
  const std::string head = "POST /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string& begin : {head + "1;", head, head + "0\r\nX: ", std::string("GET /healthz HTTP/1.1\r\nX: ")}) {
    CAPTURE(begin);
    const unique_fd client = connect_to_port(process.admin_port);
    CHECK(flood(client.get(), begin, std::string(64 * 1024, '0'), much) < much);
    CHECK_THAT(plain_get(process.admin_port, "/healthz", 20), StartsWith("HTTP/1.1 200 "));
  }
  CHECK(peak_kib(process.child->pid()) - before < 64 * 1024);
  const std::string page = process.admin("/metrics").body;
  CHECK(page.find("tandem_listener_limits_total{listener=\"admin\",reason=\"size\"} 4\n") != std::string::npos);
  CHECK(process.logs("a limit of a listener is reached"));
}

TEST_CASE("a handler that finds no memory ends nothing else") {
  HelperProcess process(test_helper, "mode: short-of-memory\n");
  REQUIRE(process.logs("memory ran short"));
  CHECK_THAT(plain_get(process.admin_port, "/healthz", 20), StartsWith("HTTP/1.1 200 "));
  process.child->signal(SIGTERM);
  CHECK(process.child->wait() == ExitStatus{0, 0, false});
}

TEST_CASE("a helper answers its probe while silent, slow and greedy clients have all places of its admin port") {
  HelperProcess process(test_helper, "");
  REQUIRE(process.healthy());
  const auto silent = connect_many(process.admin_port, 256);
  CHECK_THAT(plain_get(process.admin_port, "/healthz", 4), StartsWith("HTTP/1.1 200 "));
  const auto slow = connect_many(process.admin_port, 256);
  for (const auto& client : slow) ::send(client.get(), "GET /", 5, MSG_NOSIGNAL);
  CHECK_THAT(plain_get(process.admin_port, "/healthz", 4), StartsWith("HTTP/1.1 200 "));
  const auto greedy = connect_many(process.admin_port, 256);
  for (const auto& client : greedy) flood(client.get(), "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "", 1);
  CHECK_THAT(plain_get(process.admin_port, "/healthz", 4), StartsWith("HTTP/1.1 200 "));
  CHECK(process.admin("/metrics").body.find("{listener=\"admin\",reason=\"connections\"}") != std::string::npos);
}
