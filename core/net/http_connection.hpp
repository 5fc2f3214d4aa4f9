// One client of an HttpServer: its socket, what it is at since when, and the timer that ends it.
#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <chrono>
#include <memory>
#include <set>

#include "core/net/asio.hpp"

namespace tandem::net {

class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  enum class Phase {
    waiting,   // for a request
    sending,   // us a request
    handling,  // it waits for our handler
    taking,    // our answer
    closed,    // by us, before its time
  };
  using Clock = std::chrono::steady_clock;

  HttpConnection(Socket open, std::size_t most_buffered)
      : socket(std::move(open)), buffer(most_buffered), timer_(socket.get_executor()) {}

  // Its one timer closes the socket when the phase takes too long: that ends whatever is awaited.
  void enter(Phase next, std::chrono::milliseconds limit) {
    if (phase_ == Phase::closed) return;
    // A request counts from its connection's wait, so that a byte now and then makes nobody younger.
    if (!(phase_ == Phase::waiting && next == Phase::sending)) since_ = Clock::now();
    phase_ = next;
    timer_.expires_after(limit);
    timer_.async_wait([weak = weak_from_this()](error_code error) {
      auto self = weak.lock();
      if (error || !self) return;
      self->timed_out_ = true;
      self->close();
    });
  }
  void close() {
    error_code ignored;
    timer_.cancel();
    socket.close(ignored);
    phase_ = Phase::closed;
  }
  void abort() {  // its handler's waits too
    close();
    cancel.emit(asio::cancellation_type::terminal);
  }
  Phase phase() const { return phase_; }
  bool timed_out() const { return timed_out_; }
  Clock::time_point since() const { return since_; }

  Socket socket;
  boost::beast::flat_buffer buffer;
  asio::cancellation_signal cancel;
  std::uint64_t answer_bytes = 0;  // while it is taking them

 private:
  asio::steady_timer timer_;
  Phase phase_ = Phase::waiting;
  Clock::time_point since_ = Clock::now();
  bool timed_out_ = false;
};

using HttpConnections = std::set<std::shared_ptr<HttpConnection>>;

// Whom a new connection costs least: who has kept us waiting longest. nullptr: our handlers keep all of them waiting.
inline HttpConnection* longest_waiting(const HttpConnections& connections, bool takers_only = false) {
  using Phase = HttpConnection::Phase;
  HttpConnection* found = nullptr;
  for (const auto& connection : connections) {
    const Phase phase = connection->phase();
    if (phase == Phase::handling || phase == Phase::closed || (takers_only && phase != Phase::taking)) continue;
    if (!found || connection->since() < found->since()) found = connection.get();
  }
  return found;
}

}  // namespace tandem::net
