#include "core/net/timeout.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/net/on_loop.hpp"

using namespace tandem;
using namespace tandem::net;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

awaitable<std::string> answer_after(std::chrono::milliseconds time, std::string text) {
  bool waited = co_await sleep_for(time);
  co_return waited ? text : "cancelled";
}

awaitable<std::string> fail_after(std::chrono::milliseconds time) {
  co_await sleep_for(time);
  throw std::runtime_error("it broke");
}

awaitable<void> tell_when_ended(std::shared_ptr<bool> ended) {
  co_await sleep_for(1h);
  *ended = true;
}

awaitable<void> in_time() {
  auto work = answer_after(1ms, "a text that is longer than any small string buffer");
  auto got = co_await with_timeout(std::move(work), 10s);
  REQUIRE(got);
  CHECK(*got == "a text that is longer than any small string buffer");
}

awaitable<void> too_late() {
  auto begin = Clock::now();
  auto work = answer_after(1h, "late");
  auto got = co_await with_timeout(std::move(work), 20ms);
  CHECK_FALSE(got);
  CHECK(Clock::now() - begin < 5s);
}

awaitable<void> failing() {
  auto begin = Clock::now();
  std::string what;
  try {
    auto work = fail_after(1ms);
    auto got = co_await with_timeout(std::move(work), 10s);
  } catch (const std::runtime_error& error) {
    what = error.what();
  }
  CHECK(what == "it broke");
  CHECK(Clock::now() - begin < 5s);
}

awaitable<void> without_value() {
  auto ended = std::make_shared<bool>(false);
  auto work = tell_when_ended(ended);
  bool in_time = co_await with_timeout(std::move(work), 10ms);
  CHECK_FALSE(in_time);
  CHECK(*ended);  // it has ended before we go on: nothing is left behind
}

awaitable<void> nested() {
  auto inner = with_timeout(answer_after(1h, "never"), 1h);
  auto got = co_await with_timeout(std::move(inner), 10ms);
  CHECK_FALSE(got);
}

}  // namespace

TEST_CASE("work that ends in time gives its value") {
  asio::io_context io;
  test::on_loop(io, in_time());
}

TEST_CASE("work that takes too long is cancelled") {
  asio::io_context io;
  test::on_loop(io, too_late());
}

TEST_CASE("what the work throws is thrown at once, not after the limit") {
  asio::io_context io;
  test::on_loop(io, failing());
}

TEST_CASE("work without a value says whether it ended in time, and has ended either way") {
  asio::io_context io;
  test::on_loop(io, without_value());
}

TEST_CASE("a time limit around a time limit works") {
  asio::io_context io;
  test::on_loop(io, nested());
}

TEST_CASE("a thousand limits in a row leave nothing behind") {
  asio::io_context io;
  for (int i = 0; i < 1000; ++i) test::on_loop(io, in_time());
  CHECK(io.poll() == 0);
}
