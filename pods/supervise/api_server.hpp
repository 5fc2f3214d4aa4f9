// The pod's API: HTTP/1.1 on a Unix socket. One request a connection; connections, sizes and times are bounded; a peer
// must be root or run as our own user.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "core/os/unique_fd.hpp"
#include "pods/supervise/event_loop.hpp"
#include "pods/supervise/http_text.hpp"

namespace tandem::supervise {

class ApiServer {
 public:
  using Answer = std::function<std::string(const HttpRequest&)>;  // a whole response (http_response)

  // Replaces a socket that a dead supervisor has left.
  ApiServer(EventLoop& loop, const std::filesystem::path& path, Answer answer);
  ~ApiServer();
  ApiServer(const ApiServer&) = delete;
  ApiServer& operator=(const ApiServer&) = delete;

 private:
  struct Connection {
    unique_fd socket;
    std::string in, out;
    EventLoop::Timer timeout = 0;
  };
  void on_connect();
  void on_ready(int fd, std::uint32_t events);
  void write_some(int fd, Connection& connection);
  void close(int fd);

  EventLoop& loop_;
  Answer answer_;
  unique_fd listener_;
  std::map<int, Connection> connections_;
};

}  // namespace tandem::supervise
