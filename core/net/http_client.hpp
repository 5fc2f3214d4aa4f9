// An HTTP/1.1 client that keeps connections open between requests. For https it is handed a connector
// (core/net/tls.hpp); without one an https URL is a clear error.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

#include "core/net/asio.hpp"
#include "core/net/byte_stream.hpp"
#include "core/net/http_message.hpp"

namespace tandem::net {

struct HttpClientLimits {
  std::chrono::milliseconds connect{5'000};
  std::chrono::milliseconds total{30'000};  // of one request, connecting included
  std::uint64_t body_bytes = 16u << 20;
  std::uint64_t bodies_bytes = std::numeric_limits<std::uint64_t>::max();  // of all that are being received
  std::uint32_t header_bytes = 64 * 1024;
  std::size_t idle_per_host = 4;           // connections kept
  std::chrono::milliseconds idle{20'000};  // how long
};

class HttpResult {
 public:
  HttpResult() = default;
  bool answered() const { return error.empty(); }  // with any status

  Response response;
  std::string error;       // why there is no response: "connect to ...: Connection refused"
  bool timed_out = false;  // the error is the time limit
  bool too_large = false;  // the error is a limit of headers or body
  bool crowded = false;    // the error is the limit of all bodies that are being received
};

class HttpClient {
 public:
  explicit HttpClient(asio::io_context& io, HttpClientLimits limits = {}, std::shared_ptr<Connector> tls = nullptr);
  ~HttpClient();  // no request may be in progress
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // `url` is absolute and decides host, port and target; `request` gives method, further headers and body. Host,
  // Content-Length and Connection are set here. Never throws for the peer's or the network's fault. A kept connection
  // that turns out to be closed is replaced once, for methods that may be repeated (GET, HEAD, PUT, DELETE) or when
  // nothing was sent yet. Redirects are handed back, not followed.
  awaitable<HttpResult> send(std::string url, Request request);
  awaitable<HttpResult> send(std::string url, Request request, std::chrono::milliseconds total);
  // Sends `body` from where it lies instead of request.body; it must outlive the call.
  awaitable<HttpResult> send(std::string url, Request request, std::string_view body);
  awaitable<HttpResult> get(std::string url);

  void limit_bodies(std::uint64_t bytes);  // of the answers that begin from now on
  // Of all bodies that are being received: past it, an answer ends that is larger than its part, this by their number.
  void limit_bodies_together(std::uint64_t bytes);

 private:
  awaitable<HttpResult> send(std::string url, Request request, std::string_view body, std::chrono::milliseconds total);
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tandem::net
