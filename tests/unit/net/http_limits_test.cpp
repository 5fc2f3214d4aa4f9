// The server against clients that do not keep the rules: raw bytes over a socket.
#include <catch2/catch.hpp>

#include "core/net/connect.hpp"
#include "core/net/http_server.hpp"
#include "core/net/timeout.hpp"
#include "tests/unit/net/on_loop.hpp"

using namespace tandem;
using namespace tandem::net;
using namespace std::chrono_literals;

namespace {

// Sends bytes and reads until the server closes.
awaitable<void> exchange(Endpoint endpoint, std::string bytes, std::string* answer) {
  auto connected = co_await connect_to(endpoint, 5s);
  REQUIRE(connected.ok());
  auto [unsent, sent] = co_await asio::async_write(connected.socket, asio::buffer(bytes), as_result);
  static_cast<void>(unsent);  // a server that has seen enough may close before it has all
  for (;;) {
    char buffer[4096];
    auto [error, got] = co_await connected.socket.async_read_some(asio::buffer(buffer), as_result);
    if (error) break;
    answer->append(buffer, got);
  }
}

std::string ask(const std::string& bytes) {
  asio::io_context io;
  HttpServerLimits limits;
  limits.header_bytes = 1024;
  limits.body_bytes = 1000;
  limits.idle = 200ms;
  limits.transfer = 200ms;
  HttpServer server(io, limits);
  server.route("GET", "/", [](const Request&) { return Response(200, "ok"); });
  server.route("POST", "/", [](const Request& request) { return Response(200, std::to_string(request.body.size())); });
  server.listen(Endpoint("127.0.0.1", 0));
  std::exception_ptr failure;
  asio::co_spawn(io, server.run(), [&](std::exception_ptr error) { failure = error; });
  std::string answer;
  test::on_loop(io, exchange(server.endpoints().front(), bytes, &answer));
  server.stop();
  test::settle(io);
  CHECK_FALSE(failure);
  CHECK(server.connections() == 0);
  return answer;
}

}  // namespace

TEST_CASE("garbage is answered with 400 and the connection is closed") {
  CHECK(ask("\x16\x03\x01 this is no HTTP\r\n\r\n").starts_with("HTTP/1.1 400 "));
}

TEST_CASE("headers past the limit are answered with 431") {
  CHECK(ask("GET / HTTP/1.1\r\nX: " + std::string(5000, 'x') + "\r\n\r\n").starts_with("HTTP/1.1 431 "));
}

TEST_CASE("a body past the limit is answered with 413, announced or chunked") {
  CHECK(ask("POST / HTTP/1.1\r\nContent-Length: 100000\r\n\r\n" + std::string(100'000, 'x'))
            .starts_with("HTTP/1.1 413 "));
  CHECK(ask("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n800\r\n" + std::string(2048, 'x') + "\r\n0\r\n\r\n")
            .starts_with("HTTP/1.1 413 "));
}

TEST_CASE("a client that stops in the middle of a request is dropped") {
  CHECK(ask("GET / HTTP/1.1\r\nHost: x").empty());
  CHECK(ask("").empty());
}

TEST_CASE("two requests in one packet get two answers, and Connection: close is kept") {
  auto answer = ask("GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  auto first = answer.find("HTTP/1.1 200"), second = answer.find("HTTP/1.1 200", first + 1);
  CHECK(first == 0);
  CHECK(second != std::string::npos);
  CHECK(answer.find("Connection: close", second) != std::string::npos);
}

TEST_CASE("a client that asks first is told to go on") {
  auto answer =
      ask("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc");
  CHECK(answer.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200"));
}

TEST_CASE("an HTTP/1.0 client is answered and the connection is closed") {
  CHECK(ask("GET / HTTP/1.0\r\n\r\n").starts_with("HTTP/1.1 200"));
}
