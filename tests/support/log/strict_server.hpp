// An HTTP/1.1 server for tests, written against RFC 9112 and not with our own HTTP code: a thread for each connection.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "core/os/unique_fd.hpp"

namespace tandem::test {

struct HttpCall {
  std::string method, target;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;                            // unpacked
  std::string sent;                            // as it came
  std::string header(const std::string& name) const {
    const auto at = headers.find(name);
    return at == headers.end() ? "" : at->second;
  }
};

struct HttpReply {
  int status = 200;
  std::string body, type = "application/json";
  std::string more;         // header lines, each with its CRLF
  bool unanswered = false;  // closes the connection instead
};

class StrictServer {
 public:
  // Called for one request after the other.
  explicit StrictServer(std::function<HttpReply(const HttpCall&)> serve);
  ~StrictServer();
  StrictServer(const StrictServer&) = delete;
  StrictServer& operator=(const StrictServer&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  int calls() const { return calls_; }
  std::vector<std::string> complaints() const;  // what was wrong with requests
  void complain(std::string what);

 private:
  void accept_all();
  void serve_connection(int connection);
  bool unpack(HttpCall& call);

  std::function<HttpReply(const HttpCall&)> serve_;
  unique_fd listener_;
  int port_ = 0;
  std::atomic<bool> stopping_{false};
  std::atomic<int> calls_{0};
  mutable std::mutex mutex_, serving_, complaining_;
  std::set<int> open_;
  std::vector<std::string> complaints_;
  std::vector<std::thread> threads_;
};

}  // namespace tandem::test
