#include <catch2/catch.hpp>

#include "core/net/http_client.hpp"
#include "core/net/http_server.hpp"
#include "core/net/timeout.hpp"
#include "tests/support/servers.hpp"
#include "tests/unit/net/on_loop.hpp"

using namespace tandem;
using namespace tandem::net;
using namespace std::chrono_literals;

namespace {

awaitable<Response> slow_echo(Request request) {
  co_await sleep_for(5ms);
  co_return Response(200, request.method + " " + request.target + " " + request.body);
}

awaitable<Response> never(Request) {
  co_await sleep_for(1h);
  co_return Response(200);
}

// A server on a free port, running on its loop until the end of the scope.
struct Served {
  Served(asio::io_context& context, HttpServerLimits limits = {}) : io(context), server(context, limits) {
    server.route("GET", "/hello", [](const Request& request) {
      Response response(
          200, "hello from " + std::string(request.path()) + (request.peer_is_local ? " to a local peer" : ""));
      response.headers.set("X-Test", "yes");
      return response;
    });
    server.route("GET", "/files/*", [](const Request& request) { return Response(200, "file " + request.target); });
    server.route("GET", "/files/deep/*", [](const Request&) { return Response(200, "deep"); });
    server.route("GET", "/empty", [](const Request&) { return Response(204, "", ""); });
    server.route("GET", "/broken", [](const Request&) -> Response { throw std::runtime_error("broken on purpose"); });
    server.route_async("POST", "/echo", slow_echo);
    server.route_async("GET", "/never", never);
    server.on_error([this](const Request&, const std::string& what) { told = what; });
    server.listen(Endpoint("127.0.0.1", 0));
    asio::co_spawn(io, server.run(), [this](std::exception_ptr error) {
      ended = true;
      failure = error;
    });
  }
  ~Served() {
    server.stop();
    test::settle(io);
    CHECK(ended);
    CHECK_FALSE(failure);
  }
  std::string url(const std::string& target) const {
    return "http://" + to_string(server.endpoints().front()) + target;
  }

  asio::io_context& io;
  HttpServer server;
  std::string told;
  bool ended = false;
  std::exception_ptr failure;
};

awaitable<void> check_routes(Served* served, HttpClient* client) {
  auto hello = co_await client->get(served->url("/hello?x=1"));
  CHECK(hello.error == "");
  CHECK(hello.response.status == 200);
  CHECK(hello.response.body == "hello from /hello to a local peer");
  CHECK(hello.response.content_type == "text/plain; charset=utf-8");
  REQUIRE(hello.response.headers.find("x-test"));

  auto echo = co_await client->send(served->url("/echo"), Request("POST", ""), 5s);
  CHECK(echo.response.body == "POST /echo ");
  Request with_body("POST", "");
  with_body.body = std::string(100'000, 'b');
  auto big = co_await client->send(served->url("/echo"), with_body);
  CHECK(big.response.body == "POST /echo " + std::string(100'000, 'b'));

  auto file = co_await client->get(served->url("/files/a/b"));
  CHECK(file.response.body == "file /files/a/b");
  auto deep = co_await client->get(served->url("/files/deep/x"));
  CHECK(deep.response.body == "deep");
  auto missing = co_await client->get(served->url("/nothing"));
  CHECK(missing.response.status == 404);
  Request wrong("DELETE", "");
  auto method = co_await client->send(served->url("/hello"), wrong);
  CHECK(method.response.status == 405);
  REQUIRE(method.response.headers.find("Allow"));
  CHECK(*method.response.headers.find("Allow") == "GET");
  Request head("HEAD", "");
  auto headed = co_await client->send(served->url("/hello"), head);
  CHECK(headed.response.status == 200);
  CHECK(headed.response.body.empty());
  auto empty = co_await client->get(served->url("/empty"));
  CHECK(empty.response.status == 204);
  auto broken = co_await client->get(served->url("/broken"));
  CHECK(broken.response.status == 500);
  CHECK(served->told == "broken on purpose");
  CHECK(served->server.connections() == 1);  // every request took the same connection
  CHECK(served->server.requests() == 10);
}

awaitable<void> check_time_limits(Served* served, HttpClient* client) {
  auto late = co_await client->send(served->url("/never"), Request("GET", ""), 30ms);
  CHECK(late.timed_out);
  CHECK(late.error.find("no answer within 30 ms") != std::string::npos);
  auto unavailable = co_await client->get(served->url("/never"));
  CHECK(unavailable.response.status == 503);
  auto fine = co_await client->get(served->url("/hello"));
  CHECK(fine.response.status == 200);
}

awaitable<void> check_errors(HttpClient* client, int closed_port) {
  auto refused = co_await client->get("http://127.0.0.1:" + std::to_string(closed_port) + "/");
  CHECK(refused.error.find("Connection refused") != std::string::npos);
  auto tls = co_await client->get("https://example.com/");
  CHECK(tls.error.find("cannot speak TLS") != std::string::npos);
  auto nonsense = co_await client->get("nonsense");
  CHECK(nonsense.error.find("no absolute URL") != std::string::npos);
}

awaitable<void> get_once(HttpClient* client, std::string url, int* status) {
  auto result = co_await client->get(url);
  *status = result.response.status;
}

awaitable<void> check_many(Served* served, HttpClient* client) {
  std::vector<int> statuses(50, 0);
  auto executor = co_await asio::this_coro::executor;
  for (auto& status : statuses)
    asio::co_spawn(executor, get_once(client, served->url("/hello"), &status), [](std::exception_ptr error) {
      if (error) std::rethrow_exception(error);
    });
  for (int i = 0; i < 500 && std::count(statuses.begin(), statuses.end(), 200) < 50; ++i) co_await sleep_for(10ms);
  CHECK(std::count(statuses.begin(), statuses.end(), 200) == 50);
}

awaitable<void> check_restart(HttpClient* client, std::string url) {
  auto result = co_await client->get(url);
  CHECK(result.error == "");
  CHECK(result.response.status == 200);
}

}  // namespace

TEST_CASE("requests find their handlers over one kept connection") {
  asio::io_context io;
  HttpClient client(io);
  Served served(io);
  test::on_loop(io, check_routes(&served, &client));
}

TEST_CASE("neither a client nor a server waits for ever") {
  asio::io_context io;
  HttpClient client(io);
  HttpServerLimits limits;
  limits.handler = 50ms;
  Served served(io, limits);
  test::on_loop(io, check_time_limits(&served, &client));
}

TEST_CASE("an unreachable server, an https URL and nonsense are errors with a reason") {
  asio::io_context io;
  HttpClient client(io);
  test::on_loop(io, check_errors(&client, test::free_port()));
}

TEST_CASE("with more clients than connections allowed the others wait and are served") {
  asio::io_context io;
  HttpClient client(io);
  HttpServerLimits limits;
  limits.connections = 3;
  limits.idle = 50ms;
  Served served(io, limits);
  test::on_loop(io, check_many(&served, &client));
}

TEST_CASE("a kept connection whose server went away is replaced") {
  asio::io_context io;
  HttpClient client(io);
  Endpoint endpoint;
  {
    Served first(io);
    endpoint = first.server.endpoints().front();
    test::on_loop(io, check_restart(&client, first.url("/hello")));
  }
  HttpServer second(io);
  second.route("GET", "/hello", [](const Request&) { return Response(200); });
  second.listen(endpoint);
  bool ended = false;
  asio::co_spawn(io, second.run(), [&](std::exception_ptr) { ended = true; });
  io.restart();
  test::on_loop(io, check_restart(&client, "http://" + to_string(endpoint) + "/hello"));
  second.stop();
  test::settle(io);
  CHECK(ended);
}
