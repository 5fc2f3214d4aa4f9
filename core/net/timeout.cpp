#include "core/net/timeout.hpp"

namespace tandem::net {

awaitable<bool> sleep_for(std::chrono::nanoseconds time) {
  auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, std::chrono::duration_cast<asio::steady_timer::duration>(time));
  auto [error] = co_await timer.async_wait(as_result);
  co_return !error;
}

}  // namespace tandem::net
