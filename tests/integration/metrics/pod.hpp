// A pod's worth of sources on loopback: a real nginx, a real Redis, an HTTP program whose answers the test decides, and
// tandem-metrics in front of them.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <thread>

#include "core/net/http_server.hpp"
#include "tests/integration/run/helper_process.hpp"

namespace tandem::test {

extern const std::string adapter_program;

class Nginx {
 public:
  Nginx();
  int port;

 private:
  TemporaryDirectory directory_;
  std::optional<Child> child_;
};

class Redis {
 public:
  explicit Redis(const std::string& password = "");
  void start();
  void kill();
  int port;

 private:
  TemporaryDirectory directory_;
  std::string password_;
  std::optional<Child> child_;
};

// GET /PATH is answered by what `answer` gives, after `delay`; requests are counted.
class App {
 public:
  App();
  ~App();
  void on(const std::string& path, std::string type, std::string body, std::chrono::milliseconds delay = {});
  std::string url(const std::string& path) const { return "http://127.0.0.1:" + std::to_string(port) + path; }
  int port;
  std::atomic<int> requests{0};

 private:
  asio::io_context io_;
  net::HttpServer server_;
  std::thread thread_;
};

// tandem-metrics with these sources (YAML list items).
class Adapter {
 public:
  explicit Adapter(const std::string& sources, const std::string& more = "");
  Answer get(const std::string& path, const std::map<std::string, std::string>& headers = {}) {
    return http_get(port, path, headers);
  }
  std::string config(const std::string& sources, const std::string& more = "") const;
  int port;
  HelperProcess process;
};

bool has_line(const std::string& page, const std::string& line);
std::string promtool_errors(const std::string& page);  // empty: promtool parses it

}  // namespace tandem::test
