// A time limit for any coroutine. Asio 1.26 has no cancel_after.
#pragma once

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <chrono>
#include <exception>
#include <optional>

#include "core/net/asio.hpp"

namespace tandem::net {

// Waits; returns false when the wait was cancelled.
awaitable<bool> sleep_for(std::chrono::nanoseconds time);

namespace detail {

// A class of its own: awaitable_operators would flatten a std::variant.
template <class T>
class Outcome {
 public:
  std::optional<T> value;
  std::exception_ptr failure;
};

// Never throws: awaitable_operators' || waits for the first success, so a failure must look like one.
template <class T>
awaitable<Outcome<T>> caught(awaitable<T> work) {
  Outcome<T> outcome;
  try {
    outcome.value = co_await std::move(work);
  } catch (...) {
    outcome.failure = std::current_exception();
  }
  co_return outcome;
}

inline awaitable<bool> as_value(awaitable<void> work) {
  co_await std::move(work);
  co_return true;
}

}  // namespace detail

// Runs `work`; nullopt when it did not end within `limit`, and then it was cancelled (operation_aborted inside) and has
// ended. What it throws is thrown here. `work` must be one that ends when cancelled, as all of Asio's operations do.
//   auto reply = co_await with_timeout(client.get(url), 2s);
//   if (!reply) ...
template <class T>
awaitable<std::optional<T>> with_timeout(awaitable<T> work, std::chrono::nanoseconds limit) {
  using namespace asio::experimental::awaitable_operators;
  auto either = detail::caught(std::move(work)) || sleep_for(limit);
  auto first = co_await std::move(either);
  if (first.index() == 1) co_return std::nullopt;
  auto& result = std::get<0>(first);
  if (result.failure) std::rethrow_exception(result.failure);
  co_return std::move(result.value);
}

// The same for work without a value: false when time ran out.
inline awaitable<bool> with_timeout(awaitable<void> work, std::chrono::nanoseconds limit) {
  auto done = co_await with_timeout(detail::as_value(std::move(work)), limit);
  co_return done.has_value();
}

}  // namespace tandem::net
