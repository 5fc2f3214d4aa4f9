// Starts a helper program with a config and talks to it.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "core/net/http_client.hpp"
#include "core/os/files.hpp"
#include "tests/support/servers.hpp"
#include "tests/unit/net/on_loop.hpp"

namespace tandem::test {

// One request, waiting for the answer. status 0: there was none, body is the reason.
struct Answer {
  int status = 0;
  std::string type, body;
};

inline net::awaitable<void> get_into(net::HttpClient* client, std::string url, net::Request request, Answer* answer) {
  auto result = co_await client->send(url, request);
  answer->status = result.answered() ? result.response.status : 0;
  answer->type = result.response.content_type;
  answer->body = result.answered() ? result.response.body : result.error;
}

inline Answer http_get(int port, const std::string& path, const std::map<std::string, std::string>& headers = {}) {
  asio::io_context io;
  net::HttpClient client(io);
  net::Request request("GET", "");
  for (const auto& [name, value] : headers) request.headers.set(name, value);
  Answer answer;
  on_loop(io, get_into(&client, "http://127.0.0.1:" + std::to_string(port) + path, request, &answer));
  return answer;
}

class HelperProcess {
 public:
  // `config` gets an admin port of its own.
  HelperProcess(const std::string& program, const std::string& config,
                const std::map<std::string, std::string>& environment = {})
      : admin_port(free_port()), log(directory / "log"), config_file(directory / "config.yaml") {
    write_config(config);
    child.emplace(std::vector<std::string>{program, "--config", config_file.string()}, log, environment);
  }
  void write_config(const std::string& config) {
    replace_file(config_file, config + "\nadmin: {listen: \"127.0.0.1:" + std::to_string(admin_port) + "\"}\n");
  }
  bool healthy() {
    return wait_until([&] { return !child->running() || http_get(admin_port, "/healthz").status == 200; }) &&
           child->running();
  }
  Answer admin(const std::string& path) { return http_get(admin_port, path); }
  std::string output() { return read_file_if_exists(log).value_or(""); }
  bool logs(const std::string& text) {
    return wait_until([&] { return output().find(text) != std::string::npos; });
  }

  TemporaryDirectory directory;
  int admin_port;
  fs::path log, config_file;
  std::optional<Child> child;
};

}  // namespace tandem::test
