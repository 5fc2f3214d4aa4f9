// Credentials and compression of every sink that POSTs.
#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>

#include "core/os/files.hpp"
#include "tests/support/log/fixture.hpp"
#include "tests/support/log/strict_server.hpp"

using namespace tandem;
using namespace tandem::test;
using namespace std::chrono_literals;

TEST_CASE("a token that is replaced while it is refused lets the same records through, and is shown nowhere") {
  std::atomic<int> delivered{0}, denied{0};
  StrictServer server([&](const HttpCall& call) -> HttpReply {
    if (call.header("authorization") != "Bearer fresh-secret") {
      ++denied;
      return {401, "who are you", "text/plain", "", false};
    }
    ++delivered;
    return {204, "", "", "", false};
  });
  LogRun run("- {name: out, type: loki, url: \"" + server.url() + "\", bearerTokenFile: DIR/token}");
  const auto token = run.directory() / "token";
  replace_file(token, "stale-secret\n");
  run.start();
  Writer writer(run.logs() / "app.log");
  writer.write(10);
  REQUIRE(wait_until([&] { return denied > 0; }));
  CHECK(delivered == 0);
  replace_file(token, "fresh-secret\n");
  CHECK(wait_until([&] { return delivered > 0; }));
  const std::string shown = run.ask("/configz") + run.ask("/metrics") + run.ask("/readyz");
  CHECK(run.terminate().code == 0);
  CHECK_FALSE(fs::exists(run.directory() / "state/out.rejected.ndjson"));
  CHECK((shown + read_file(run.output())).find("-secret") == std::string::npos);
}

TEST_CASE(
    "what a receiver says of our own credentials is neither logged, nor in the dead-letter file, nor in /readyz") {
  const int status = GENERATE(400, 401, 500);
  const std::string login = GENERATE("bearerTokenFile: DIR/secret", "basic: {user: me, passwordFile: DIR/secret}");
  const std::string secret = "a-secret-of-ours", basic = "bWU6YS1zZWNyZXQtb2Ytb3Vycw==", key = "key-in-a-header";
  std::atomic<int> answers{0};
  StrictServer server([&](const HttpCall& call) -> HttpReply {
    ++answers;
    return {status, call.header("authorization") + " | " + secret + " | " + call.header("x-key") + " | no",
            "text/plain", "", false};
  });
  LogRun run("- {name: out, type: http, url: \"" + server.url() + "/in\", headers: {X-Key: " + key + "}, " + login +
             "}");
  write_file(run.directory() / "secret", secret + "\n");
  run.start();
  Writer writer(run.logs() / "app.log");
  writer.write(3);
  REQUIRE(
      wait_until([&] { return read_file(run.output()).find("HTTP " + std::to_string(status)) != std::string::npos; }));
  const std::string letters = read_file_if_exists(run.directory() / "state/out.rejected.ndjson").value_or("");
  CHECK(letters.empty() == (status != 400));
  run.kill();
  const std::string shown = letters + read_file(run.output());
  for (const auto& hidden : {secret, basic, key}) CHECK(shown.find(hidden) == std::string::npos);
  CHECK(shown.find("*** | no") != std::string::npos);
}

TEST_CASE("newline JSON goes with a password and packed") {
  const std::string compression = GENERATE("gzip", "zstd");
  std::atomic<int> lines{0};
  StrictServer server([&](const HttpCall& call) -> HttpReply {
    if (call.header("authorization") != "Basic bWU6c2VjcmV0" || call.header("content-encoding") != compression)
      return {400, "no", "text/plain", "", false};
    lines += static_cast<int>(std::count(call.body.begin(), call.body.end(), '\n'));
    return {200, "", "text/plain", "", false};
  });
  LogRun run("- {name: out, type: http, url: \"" + server.url() + "/in\", compression: " + compression +
             ", basic: {user: me, passwordFile: DIR/password}}");
  write_file(run.directory() / "password", "secret\n");
  Writer writer(run.logs() / "app.log");
  writer.write(5000);
  run.start();
  CHECK(wait_until([&] { return lines == 5000; }));
  CHECK(run.terminate().code == 0);
  CHECK(server.complaints().empty());
}
