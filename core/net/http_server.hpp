// A small HTTP/1.1 server: routes to handlers, bounded in every direction. For admin ports, metrics and small APIs.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/net/asio.hpp"
#include "core/net/endpoint.hpp"
#include "core/net/http_message.hpp"

namespace tandem::net {

struct HttpServerLimits {
  std::uint32_t header_bytes = 16 * 1024;
  std::size_t header_fields = 128;
  std::uint64_t body_bytes = 256 * 1024;        // on routes of POST, PUT and PATCH; others take none
  std::size_t connections = 256;                // for one more, the connection that has waited longest is closed
  std::uint64_t answer_bytes = 64u << 20;       // of all answers that are being taken; past it the slowest are closed
  bool takes_reserve = false;                   // of descriptors (core/net/listener.hpp): for an admin port
  std::chrono::milliseconds first_byte{5'000};  // of a new connection
  std::chrono::milliseconds idle{60'000};       // between requests of one connection
  std::chrono::milliseconds transfer{10'000};   // to send us a whole request, to take a whole response
  std::chrono::milliseconds handler{60'000};    // 503 after it
};

class HttpServer {
 public:
  using Handler = std::function<Response(const Request&)>;
  using AsyncHandler = std::function<awaitable<Response>(Request)>;

  explicit HttpServer(asio::io_context& io, HttpServerLimits limits = {});
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // A path is exact ("/metrics") or a prefix ("/files/*"; the longest one wins). HEAD is answered from GET, a known
  // path with another method with 405, an unknown path with 404. A handler that throws gives 500 and is told to
  // on_error; what else goes wrong with a connection ends it, and is told with an empty request.
  void route(const std::string& method, const std::string& path, Handler handler);
  void route_async(const std::string& method, const std::string& path, AsyncHandler handler);
  // Asked before every handler; what it gives is the answer, and no handler is called.
  void guard(std::function<std::optional<Response>(const Request&)> refuse);
  void on_error(std::function<void(const Request&, const std::string& what)> tell);
  // Called whenever a limit ends a connection or a request: connections, descriptors (there were too many of them),
  // silent (no first byte), slow, size (of a request), answers (that are not taken).
  void on_limit(std::function<void(const std::string& reason)> tell);

  void listen(const Endpoint& endpoint);  // before run(); more than once is fine; throws Error
  std::vector<Endpoint> endpoints() const;

  // Serves until stop(), then until the requests in progress are answered and every connection is closed. Nothing that
  // a client does, and no lack of memory or descriptors, ends it.
  awaitable<void> run();
  void stop();  // accepts no more and closes idle connections; callable from any handler of the same thread

  std::size_t connections() const;
  std::uint64_t requests() const;  // answered so far

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace tandem::net
