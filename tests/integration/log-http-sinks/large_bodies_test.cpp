// Receivers that take small bodies only: a strict one, and nginx with its client_max_body_size before another.
#include <catch2/catch.hpp>
#include <mutex>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/os/files.hpp"
#include "tests/integration/log-http-sinks/strict_server.hpp"
#include "tests/integration/log/fixture.hpp"

using namespace tandem;
using namespace tandem::test;

namespace {

std::string config(const std::string& url) { return "- {name: out, type: http, url: \"" + url + "\"}"; }

class Nginx {
 public:
  Nginx(const fs::path& directory, const std::string& limit, const Receiver& behind) {
    const std::string folder = directory.string();
    write_file(
        directory / "nginx.conf",
        "daemon off; master_process off; pid " + folder + "/nginx.pid; events {} http { access_log off;" +
            " client_body_temp_path " + folder + "/body; proxy_temp_path " + folder + "/proxy; fastcgi_temp_path " +
            folder + "/fastcgi; uwsgi_temp_path " + folder + "/uwsgi; scgi_temp_path " + folder + "/scgi; " + limit +
            " server { listen 127.0.0.1:" + std::to_string(port_) + "; location / { proxy_pass http://127.0.0.1:" +
            std::to_string(behind.port()) + "; proxy_http_version 1.1; } } }");
    child_ = std::make_unique<Child>(
        std::vector<std::string>{find_program("nginx"), "-e", "stderr", "-c", folder + "/nginx.conf", "-p", folder},
        directory / "nginx.log");
    REQUIRE(wait_until([&] { return can_connect(port_); }));
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/in"; }

 private:
  int port_ = free_port();
  std::unique_ptr<Child> child_;
};

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
  REQUIRE_FALSE(find_program("nginx").empty());
  Receiver receiver;
  TemporaryDirectory directory;
  const Nginx nginx(directory.path(), "client_max_body_size 64k;", receiver);
  LogRun run(config(nginx.url()));
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
