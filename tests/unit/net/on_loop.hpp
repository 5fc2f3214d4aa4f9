// Runs one coroutine on a loop of its own, bounded in time.
#pragma once

#include <chrono>
#include <exception>
#include <stdexcept>

#include "core/net/asio.hpp"

namespace tandem::test {

// Runs `work` to its end and everything it started; throws what it throws, and after `limit`.
inline void on_loop(asio::io_context& io, net::awaitable<void> work,
                    std::chrono::seconds limit = std::chrono::seconds(20)) {
  bool ended = false;
  std::exception_ptr failure;
  asio::co_spawn(io, std::move(work), [&](std::exception_ptr error) {
    ended = true;
    failure = error;
  });
  if (io.stopped()) io.restart();
  auto until = std::chrono::steady_clock::now() + limit;
  while (!ended && std::chrono::steady_clock::now() < until && io.run_one_until(until) > 0) {
  }
  if (failure) std::rethrow_exception(failure);
  if (!ended) throw std::runtime_error("the coroutine did not end in time");
}

// Lets what is left on the loop run, until nothing is or `limit` passes.
inline void settle(asio::io_context& io, std::chrono::milliseconds limit = std::chrono::seconds(5)) {
  io.restart();
  io.run_for(limit);
}

}  // namespace tandem::test
