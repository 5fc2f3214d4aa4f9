// HTTP requests and responses as plain values.
// They have constructors on purpose: g++ 12 frees aggregate temporaries twice when they cross a co_await.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tandem::net {

class Headers {
 public:
  Headers() = default;
  void set(std::string name, std::string value);         // replaces
  void add(std::string name, std::string value);         // appends
  const std::string* find(std::string_view name) const;  // names compare without case; nullptr: absent
  const std::vector<std::pair<std::string, std::string>>& all() const { return all_; }

 private:
  std::vector<std::pair<std::string, std::string>> all_;
};

class Request {
 public:
  Request() = default;
  Request(std::string request_method, std::string request_target)
      : method(std::move(request_method)), target(std::move(request_target)) {}

  std::string method = "GET";
  std::string target = "/";  // path and query as on the wire
  Headers headers;
  std::string body;
  std::string peer;            // on a server: "127.0.0.1:40000", "unix"
  bool peer_is_local = false;  // on a server: a loopback address or a Unix socket

  std::string_view path() const { return std::string_view(target).substr(0, target.find('?')); }
  std::string query(std::string_view name) const;  // decoded value of a query parameter; absent: empty
};

class Response {
 public:
  Response() = default;
  explicit Response(int code, std::string text = "", std::string type = "text/plain; charset=utf-8")
      : status(code), content_type(std::move(type)), body(std::move(text)) {}

  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  Headers headers;  // the others; Content-Length and Connection are the server's business
  std::string body;
};

}  // namespace tandem::net
