#include "core/net/connect.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <memory>

#include "core/net/timeout.hpp"

namespace tandem::net {

namespace {

awaitable<error_code> connect_one(Socket* socket, asio::generic::stream_protocol::endpoint address) {
  error_code failed;
  socket->close(failed);
  socket->open(address.protocol(), failed);
  if (failed) co_return failed;
  auto [error] = co_await socket->async_connect(address, as_result);
  if (!error && address.protocol().family() != AF_UNIX) {
    int on = 1;
    ::setsockopt(socket->native_handle(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  co_return error;
}

using Results = asio::ip::tcp::resolver::results_type;

// getaddrinfo cannot be cancelled. So the waiter waits on a timer, which can be, and may leave before the answer comes.
class Resolution {
 public:
  explicit Resolution(asio::any_io_executor executor)
      : resolver(executor), answered(executor, asio::steady_timer::time_point::max()) {}
  asio::ip::tcp::resolver resolver;
  asio::steady_timer answered;
  error_code error;
  Results addresses;
};

awaitable<std::shared_ptr<Resolution>> look_up(Endpoint endpoint) {
  auto executor = co_await asio::this_coro::executor;
  auto resolution = std::make_shared<Resolution>(executor);
  resolution->resolver.async_resolve(endpoint.host, std::to_string(endpoint.port),
                                     [resolution](error_code error, Results addresses) {
                                       resolution->error = error;
                                       resolution->addresses = std::move(addresses);
                                       resolution->answered.expires_at(asio::steady_timer::time_point::min());
                                     });
  auto [ended] = co_await resolution->answered.async_wait(as_result);
  static_cast<void>(ended);
  co_return resolution;
}

awaitable<Connected> connect_now(Endpoint endpoint) {
  auto executor = co_await asio::this_coro::executor;
  Connected connected{Socket(executor)};
  error_code error;
  if (endpoint.is_unix()) {
    asio::local::stream_protocol::endpoint address(endpoint.path);
    error = co_await connect_one(&connected.socket, address);
  } else if (auto address = asio::ip::make_address(endpoint.host, error); !error) {
    asio::ip::tcp::endpoint target(address, endpoint.port);
    error = co_await connect_one(&connected.socket, target);
  } else {
    auto resolution = co_await look_up(endpoint);
    error = resolution->error;
    for (const auto& entry : resolution->addresses) {
      auto target = entry.endpoint();
      error = co_await connect_one(&connected.socket, target);
      if (!error) break;
    }
  }
  if (error) connected.error = "connect to " + to_string(endpoint) + ": " + error.message();
  co_return connected;
}

}  // namespace

awaitable<Addresses> resolve(Endpoint endpoint, std::chrono::milliseconds limit) {
  Addresses addresses;
  error_code failed;
  const auto address = asio::ip::make_address(endpoint.host, failed);
  if (!failed) {
    addresses.all.emplace_back(address, endpoint.port);
    co_return addresses;
  }
  auto question = look_up(endpoint);
  auto answer = co_await with_timeout(std::move(question), limit);
  const std::string where = "resolve " + to_string(endpoint) + ": ";
  if (!answer) {
    addresses.error = where + "no answer within " + std::to_string(limit.count()) + " ms";
    co_return addresses;
  }
  const auto& resolution = **answer;
  if (resolution.error) addresses.error = where + resolution.error.message();
  for (const auto& entry : resolution.addresses) addresses.all.push_back(entry.endpoint());
  co_return addresses;
}

awaitable<Connected> connect_to(Endpoint endpoint, std::chrono::milliseconds limit) {
  auto attempt = connect_now(endpoint);
  auto connected = co_await with_timeout(std::move(attempt), limit);
  if (connected) co_return std::move(*connected);
  auto executor = co_await asio::this_coro::executor;
  Connected none{Socket(executor)};
  none.error = "connect to " + to_string(endpoint) + ": no answer within " + std::to_string(limit.count()) + " ms";
  co_return none;
}

}  // namespace tandem::net
