#include "core/net/listener.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "core/net/connect.hpp"
#include "core/net/timeout.hpp"
#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "tests/support/servers.hpp"
#include "tests/unit/net/on_loop.hpp"

using namespace tandem;
using namespace tandem::net;
using namespace std::chrono_literals;

namespace {

Endpoint socket_in(const test::TemporaryDirectory& directory) {
  std::string why;
  const auto endpoint = parse_endpoint("unix:" + (directory / "s").string(), why);
  INFO(why);
  REQUIRE(endpoint);
  return *endpoint;
}

awaitable<void> say_hello(Listener* listener) {
  auto connected = co_await connect_to(listener->endpoint(), 5s);
  REQUIRE(connected.ok());
  auto accepted = co_await listener->accept();
  REQUIRE(accepted);
  auto [unsent, sent] = co_await asio::async_write(connected.socket, asio::buffer("hello", 5), as_result);
  CHECK_FALSE(unsent);
  std::string text(5, '\0');
  auto [unread, got] = co_await asio::async_read(*accepted, asio::buffer(text), as_result);
  CHECK_FALSE(unread);
  CHECK(text == "hello");
}

awaitable<void> close_soon(Listener* listener) {
  co_await sleep_for(10ms);
  listener->close();
}

awaitable<void> accept_until_closed(Listener* listener) {
  auto executor = co_await asio::this_coro::executor;
  asio::co_spawn(executor, close_soon(listener), [](std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
  });
  auto accepted = co_await listener->accept();
  CHECK_FALSE(accepted);
}

awaitable<void> refused(Endpoint endpoint) {
  auto connected = co_await connect_to(endpoint, 5s);
  CHECK_FALSE(connected.ok());
  CHECK(connected.error == "connect to " + to_string(endpoint) + ": Connection refused");
}

awaitable<void> by_name(std::uint16_t port) {
  Endpoint endpoint("localhost", port);
  auto connected = co_await connect_to(endpoint, 5s);
  CHECK(connected.error == "");
  Endpoint nowhere("no-such-host.invalid", port);
  auto none = co_await connect_to(nowhere, 5s);
  CHECK_FALSE(none.ok());
}

}  // namespace

TEST_CASE("a TCP listener picks a port and takes connections") {
  asio::io_context io;
  Listener listener(io, Endpoint("127.0.0.1", 0));
  CHECK(listener.endpoint().port != 0);
  test::on_loop(io, say_hello(&listener));
  test::on_loop(io, accept_until_closed(&listener));
}

TEST_CASE("a Unix listener replaces a dead socket file, never a live one, and removes its own") {
  asio::io_context io;
  test::TemporaryDirectory directory;
  const Endpoint endpoint = socket_in(directory);
  {
    auto dead = listen_on(endpoint);  // closed without removing the file
  }
  REQUIRE(fs::exists(endpoint.path));
  {
    Listener listener(io, endpoint);
    test::on_loop(io, say_hello(&listener));
    CHECK_THROWS_AS(listen_on(endpoint), Error);
  }
  CHECK_FALSE(fs::exists(endpoint.path));
}

TEST_CASE("an ordinary file in the way of a Unix socket stays") {
  test::TemporaryDirectory directory;
  write_file(directory / "s", "precious");
  const Endpoint endpoint = socket_in(directory);
  CHECK_THROWS_AS(listen_on(endpoint), Error);
  CHECK(read_file(directory / "s") == "precious");
}

TEST_CASE("a port in use is an error that names it") {
  asio::io_context io;
  Listener first(io, Endpoint("127.0.0.1", 0));
  try {
    listen_on(first.endpoint());
    FAIL("two listeners on one port");
  } catch (const Error& error) {
    CHECK(std::string(error.what()).find(to_string(first.endpoint())) != std::string::npos);
    CHECK(error.fault() == Fault::environment);
  }
}

TEST_CASE("two listeners share a port when both want to") {
  auto first = listen_on(Endpoint("127.0.0.1", 0), {true, 16});
  auto second = listen_on(local_endpoint(first.get()), {true, 16});
  CHECK(local_endpoint(second.get()) == local_endpoint(first.get()));
}

TEST_CASE("a connection that is refused is an error text, not an exception") {
  asio::io_context io;
  test::on_loop(io, refused(Endpoint("127.0.0.1", static_cast<std::uint16_t>(test::free_port()))));
}

TEST_CASE("names are resolved") {
  asio::io_context io;
  Listener listener(io, Endpoint("127.0.0.1", 0));
  test::on_loop(io, by_name(listener.endpoint().port));
}

TEST_CASE("what has taken the name of a Unix socket is not removed when its listener closes") {
  asio::io_context io;
  test::TemporaryDirectory directory;
  const Endpoint endpoint = socket_in(directory);
  write_file(directory / "neighbour", "its file");
  Listener first(io, endpoint);
  fs::remove(endpoint.path);
  fs::create_symlink("neighbour", endpoint.path);
  first.close();
  CHECK(fs::is_symlink(endpoint.path));
  fs::remove(endpoint.path);
  Listener second(io, endpoint);
  fs::remove(endpoint.path);
  Listener third(io, endpoint);  // of another process, say
  second.close();
  CHECK(fs::exists(endpoint.path));
  test::on_loop(io, say_hello(&third));
}

TEST_CASE("a Unix socket has exactly the mode that is asked for, from its first moment") {
  test::TemporaryDirectory directory;
  const mode_t before = ::umask(027);
  ListenOptions options;
  options.mode = 0626;
  const auto socket = listen_on(socket_in(directory), options);
  CHECK(::umask(before) == 027);
  struct stat status {};
  REQUIRE(::stat((directory / "s").c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0626);
}
