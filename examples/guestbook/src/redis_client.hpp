// A few connections to one Redis, shared by requests: a command takes an idle one or opens another. A Redis that is
// away or hangs costs a few commands their whole limit; from then on it is asked in the background, and others fail at
// once.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/net/asio.hpp"
#include "core/net/endpoint.hpp"

namespace tandem::guestbook {

class RedisAnswer {
 public:
  bool ok() const { return error.empty(); }

  std::string error;                              // Redis' own, or why it could not be asked
  std::int64_t integer = 0;                       // of an integer reply
  std::vector<std::optional<std::string>> items;  // of an array of strings; nullopt: nil
};

class RedisClient {
 public:
  struct Counts {
    std::uint64_t commands = 0, errors = 0, connects = 0;
  };

  RedisClient(asio::io_context& io, net::Endpoint server, std::chrono::milliseconds limit);
  ~RedisClient();  // no command may be in progress
  RedisClient(const RedisClient&) = delete;
  RedisClient& operator=(const RedisClient&) = delete;

  // Never throws for the server's or the network's fault. A Redis that is away for a moment (it restarts) is tried
  // again until `limit`, by what was not executed or only reads; a write whose reply was lost is not sent twice. After
  // a command that waited until `limit` for nothing, none is sent before Redis answers a PING: the answer is that
  // error.
  net::awaitable<RedisAnswer> run(std::vector<std::string> command);
  void stop();  // no more PINGs; to be called when no command will come
  const Counts& counts() const { return counts_; }
  bool reachable() const { return reachable_; }  // as far as the last command knew

 private:
  using Clock = std::chrono::steady_clock;
  class Connection;
  struct Attempt {
    RedisAnswer answer;
    bool was_not_executed = false;  // nobody was there to execute it
  };
  net::awaitable<Attempt> ask(std::vector<std::string> command, Clock::time_point deadline);
  net::awaitable<RedisAnswer> exchange(Connection* connection, std::vector<std::string> command);
  std::unique_ptr<Connection> take_idle();
  void be_away(const std::string& why);
  net::awaitable<void> ask_until_back();

  asio::io_context& io_;
  net::Endpoint server_;
  std::chrono::milliseconds limit_;
  std::vector<std::unique_ptr<Connection>> idle_;
  Counts counts_;
  bool reachable_ = false;
  std::string away_;  // why; empty: commands are sent
  bool stopped_ = false;
  asio::cancellation_signal cancel_;  // of the PINGs
};

}  // namespace tandem::guestbook
