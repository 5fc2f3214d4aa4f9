#include "examples/guestbook/src/redis_client.hpp"

#include <hiredis/hiredis.h>
#include <hiredis/read.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

#include "core/net/connect.hpp"
#include "core/net/timeout.hpp"

namespace tandem::guestbook {

namespace {

constexpr std::size_t most_idle = 16;
constexpr std::chrono::milliseconds pause{20};  // between two attempts

struct FreeReader {
  void operator()(redisReader* reader) const { redisReaderFree(reader); }
};
struct FreeReply {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};

std::string format_command(const std::vector<std::string>& words) {
  std::vector<const char*> texts;
  std::vector<std::size_t> sizes;
  for (const std::string& word : words) {
    texts.push_back(word.data());
    sizes.push_back(word.size());
  }
  char* bytes = nullptr;
  const int size = redisFormatCommandArgv(&bytes, static_cast<int>(texts.size()), texts.data(), sizes.data());
  if (size < 0) throw std::bad_alloc();
  std::string command(bytes, static_cast<std::size_t>(size));
  redisFreeCommand(bytes);
  return command;
}

std::string text_of(const redisReply& reply) { return {reply.str, static_cast<std::size_t>(reply.len)}; }

RedisAnswer answer_of(const redisReply& reply) {
  RedisAnswer answer;
  if (reply.type == REDIS_REPLY_ERROR) answer.error = text_of(reply);
  if (reply.type == REDIS_REPLY_INTEGER) answer.integer = reply.integer;
  if (reply.type == REDIS_REPLY_ARRAY)
    for (std::size_t i = 0; i < reply.elements; ++i) {
      const redisReply& item = *reply.element[i];
      const bool is_text = item.type == REDIS_REPLY_STRING || item.type == REDIS_REPLY_STATUS;
      answer.items.push_back(is_text ? std::optional(text_of(item)) : std::nullopt);
    }
  return answer;
}

std::chrono::milliseconds left_until(std::chrono::steady_clock::time_point deadline) {
  const auto left = deadline - std::chrono::steady_clock::now();
  return std::max(std::chrono::milliseconds(1), std::chrono::duration_cast<std::chrono::milliseconds>(left));
}

RedisAnswer failure(std::string why) {
  RedisAnswer answer;
  answer.error = std::move(why);
  return answer;
}

}  // namespace

class RedisClient::Connection {
 public:
  explicit Connection(net::Socket open) : socket(std::move(open)), reader(redisReaderCreate()) {}

  // Closed by the peer while it lay idle, or holding bytes nobody asked for.
  bool stale() {
    char byte;
    const ssize_t size = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return size >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
  }

  net::Socket socket;
  std::unique_ptr<redisReader, FreeReader> reader;
  bool broken = false;
};

RedisClient::RedisClient(asio::io_context& io, net::Endpoint server, std::chrono::milliseconds limit)
    : io_(io), server_(std::move(server)), limit_(limit) {}
RedisClient::~RedisClient() = default;

std::unique_ptr<RedisClient::Connection> RedisClient::take_idle() {
  while (!idle_.empty()) {
    std::unique_ptr<Connection> connection = std::move(idle_.back());
    idle_.pop_back();
    if (!connection->stale()) return connection;
  }
  return nullptr;
}

net::awaitable<RedisAnswer> RedisClient::exchange(Connection* connection, std::vector<std::string> command) {
  connection->broken = true;  // until the whole reply is here
  const std::string bytes = format_command(command);
  const auto [write_error, written] =
      co_await asio::async_write(connection->socket, asio::buffer(bytes), net::as_result);
  if (write_error) co_return failure("write to Redis: " + write_error.message());
  std::array<char, 16 * 1024> chunk;
  for (;;) {
    void* value = nullptr;
    if (redisReaderGetReply(connection->reader.get(), &value) != REDIS_OK)
      co_return failure(std::string("read from Redis: ") + connection->reader->errstr);
    if (value) {
      const std::unique_ptr<redisReply, FreeReply> reply(static_cast<redisReply*>(value));
      connection->broken = false;
      co_return answer_of(*reply);
    }
    const auto [read_error, size] = co_await connection->socket.async_read_some(asio::buffer(chunk), net::as_result);
    if (read_error) co_return failure("read from Redis: " + read_error.message());
    redisReaderFeed(connection->reader.get(), chunk.data(), size);
  }
}

// Connects when no connection lies idle, and asks once.
net::awaitable<RedisClient::Attempt> RedisClient::ask(std::vector<std::string> command, Clock::time_point deadline) {
  Attempt attempt;
  std::unique_ptr<Connection> connection = take_idle();
  if (!connection) {
    auto connected = co_await net::connect_to(server_, left_until(deadline));
    if (!connected.ok()) {
      reachable_ = false;
      attempt.answer = failure(connected.error);
      attempt.was_not_executed = true;
      co_return attempt;
    }
    ++counts_.connects;
    connection = std::make_unique<Connection>(std::move(connected.socket));
  }
  auto work = exchange(connection.get(), std::move(command));
  auto answered = co_await net::with_timeout(std::move(work), left_until(deadline));
  if (answered)
    attempt.answer = std::move(*answered);
  else
    attempt.answer =
        failure("Redis at " + net::to_string(server_) + " gave no answer in " + std::to_string(limit_.count()) + " ms");
  // After a start, while it reads its file, Redis executes nothing, and soon will.
  attempt.was_not_executed = attempt.answer.error.starts_with("LOADING ");
  reachable_ = !connection->broken && !attempt.was_not_executed;
  if (!connection->broken && idle_.size() < most_idle) idle_.push_back(std::move(connection));
  co_return attempt;
}

net::awaitable<RedisAnswer> RedisClient::run(std::vector<std::string> command) {
  ++counts_.commands;
  if (!away_.empty()) {
    ++counts_.errors;
    co_return failure(away_);
  }
  const bool only_reads = command.front() == "MGET";
  const auto deadline = Clock::now() + limit_;
  for (;;) {
    auto work = ask(command, deadline);
    Attempt attempt = co_await std::move(work);
    const bool again = !attempt.answer.ok() && !reachable_ && (attempt.was_not_executed || only_reads);
    const bool too_late = Clock::now() + pause >= deadline;
    if (!again || too_late) {
      if (!attempt.answer.ok()) ++counts_.errors;
      // One that broke off sooner says nothing of the next: it may be back by then.
      if (!attempt.answer.ok() && !reachable_ && too_late) be_away(attempt.answer.error);
      co_return attempt.answer;
    }
    co_await net::sleep_for(pause);
  }
}

void RedisClient::be_away(const std::string& why) {
  const bool is_asked = !away_.empty();
  away_ = why;
  if (is_asked || stopped_) return;
  auto ended = [this](std::exception_ptr failed) {
    if (failed && !stopped_) std::rethrow_exception(failed);
    away_.clear();
  };
  asio::co_spawn(io_, ask_until_back(), asio::bind_cancellation_slot(cancel_.slot(), std::move(ended)));
}

net::awaitable<void> RedisClient::ask_until_back() {
  for (;;) {
    std::vector<std::string> ping = {"PING"};
    auto work = ask(std::move(ping), Clock::now() + limit_);
    const Attempt attempt = co_await std::move(work);
    if (attempt.answer.ok() || reachable_) co_return;
    co_await net::sleep_for(pause);
  }
}

void RedisClient::stop() {
  stopped_ = true;
  cancel_.emit(asio::cancellation_type::terminal);
}

}  // namespace tandem::guestbook
