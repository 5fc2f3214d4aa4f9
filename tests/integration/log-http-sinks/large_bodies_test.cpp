// Receivers that take small bodies only: a strict one, and nginx with its client_max_body_size before another.
#include <catch2/catch.hpp>
#include <mutex>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/os/files.hpp"
#include "tests/support/log/fixture.hpp"
#include "tests/support/log/strict_server.hpp"
#include "tests/support/nginx_proxy.hpp"

using namespace tandem;
using namespace tandem::test;

namespace {

std::string config(const std::string& url) { return "- {name: out, type: http, url: \"" + url + "\"}"; }

}  // namespace

TEST_CASE("a body that is too large is sent in parts, each line once; a line that is too large alone is kept") {
  constexpr std::size_t most = 5000;
  std::map<std::string, int> messages;
  std::mutex mutex;
  StrictServer server([&](const HttpCall& call) -> HttpReply {
    if (call.body.size() > most) return {413, "too large", "text/plain", "", false};
    const std::lock_guard lock(mutex);
    std::istringstream lines(call.body);
    for (std::string line; std::getline(lines, line);)
      ++messages[nlohmann::json::parse(line)["message"].get<std::string>()];
    return {204, "", "", "", false};
  });
  LogRun run(config(server.url() + "/in"));
  const std::string giant(2 * most, 'x');
  std::string text;
  for (int i = 0; i < 1000; ++i) text += line_of(i) + "\n" + (i == 500 ? giant + "\n" : "");
  write_file(run.logs() / "app.log", text);
  run.start();
  CHECK(wait_until([&] { return run.metric("tandem_log_records_total{sink=\"out\",result=\"delivered\"}") == 1000; }));
  CHECK(run.terminate().code == 0);
  CHECK(server.complaints().empty());
  CHECK(compare(messages, 1000) == "");
  const auto letter = nlohmann::json::parse(read_file(run.directory() / "state" / "out.rejected.ndjson"));
  CHECK(letter["record"]["message"] == giant);
  CHECK(letter["reason"].get<std::string>().starts_with("HTTP 413: too large"));
  CHECK(read_file(run.output()).find("bodies have at most 4096 bytes from now on") != std::string::npos);
}

TEST_CASE("nginx's limit for bodies costs no line") {
  Receiver receiver;
  const NginxProxy nginx(receiver.port(), "", "client_max_body_size 64k;");
  LogRun run(config("http://127.0.0.1:" + std::to_string(nginx.port()) + "/in"));
  Writer writer(run.logs() / "app.log");
  writer.write(20'000);
  run.start();
  CHECK(wait_until([&] { return receiver.count() >= 20'000; }));
  writer.write(5'000);
  CHECK(run.terminate().code == 0);
  CHECK(compare(receiver.messages(), 25'000) == "");
  CHECK(receiver.complaints().empty());
  CHECK_FALSE(fs::exists(run.directory() / "state" / "out.rejected.ndjson"));
}
