// One connection to a node, shared by all clients: requests go out in order, replies come back in the same order.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ambassador/redis/byte_buffer.hpp"
#include "ambassador/redis/in_flight.hpp"
#include "ambassador/redis/poller.hpp"
#include "ambassador/redis/repeated.hpp"
#include "ambassador/redis/reply_scanner.hpp"
#include "ambassador/redis/reply_text.hpp"
#include "ambassador/redis/ring.hpp"
#include "ambassador/redis/slot_map.hpp"
#include "core/net/backoff.hpp"
#include "core/os/unique_fd.hpp"

namespace tandem::redis {

class NodeConnection;

// What a connection reports. Called from inside its functions; the connection must not be destroyed there.
class NodeListener {
 public:
  virtual ~NodeListener() = default;
  // `request` and `reply` are valid during the call, and until send() on the same connection.
  virtual void on_reply(NodeConnection& node, const InFlight& in_flight, std::string_view reply,
                        std::string_view request) = 0;
  // The connection was lost, or there was none. `sent`: the node may have executed it.
  virtual void on_lost(NodeConnection& node, const InFlight& in_flight, std::string_view request, bool sent,
                       std::string_view reason) = 0;
  virtual void on_timeout(NodeConnection& node, const InFlight& in_flight) = 0;
  virtual void on_too_large(NodeConnection& node, const InFlight& in_flight) = 0;  // its reply is passed over
  virtual void on_queue_full(NodeConnection& node) = 0;
  virtual void on_down(NodeConnection& node, std::string_view reason) = 0;  // after the on_lost calls
  virtual void wants_flush(NodeConnection& node) = 0;                       // once, until flush()
};

struct NodeOptions {
  std::chrono::nanoseconds connect_timeout{std::chrono::seconds(1)};
  std::chrono::nanoseconds request_timeout{std::chrono::seconds(5)};
  std::size_t queue_bytes = std::size_t{256} << 20;
  std::size_t reply_bytes = std::size_t{512} << 20;
  std::string username, password;  // for AUTH; no password: none is sent
};

class NodeConnection : public Watcher {
 public:
  enum class State { down, resolving, connecting, up };

  NodeConnection(asio::io_context& io, Poller& poller, NodeListener& listener, const NodeOptions& options,
                 NodeAddress address);
  ~NodeConnection() override;

  const NodeAddress& address() const { return address_; }
  const std::string& name() const { return name_; }
  State state() const { return state_; }
  std::size_t in_flight() const { return queue_.size(); }
  std::size_t queued_bytes() const { return out_.size(); }
  const std::string& last_error() const { return last_error_; }
  std::string why_not() const;  // after send() said no
  bool ready() const { return state_ == State::up && !waits_for_auth_; }
  // What an error reply of this node says, without the password that it got from us.
  std::string words(std::string_view reply) const { return readable_error(reply, options_.password); }

  // Queues a request; connects when it is down and not paused after a failure. False: not taken (paused, or the queue
  // is full). `in_flight.bytes` is set here.
  bool send(InFlight in_flight, std::string_view request);
  void keep_up(Clock::time_point now);  // connects when it is down and not paused
  void flush();                         // sends what is queued
  void tick(Clock::time_point now);     // time-outs
  void close(const std::string& reason);
  bool wants_flush = false;  // kept by the listener, as is:
  Repeated told;

  struct Counts {
    std::uint64_t sent_bytes = 0, received_bytes = 0, connects = 0, failures = 0, timeouts = 0;
  };
  Counts counts;

  void on_ready(std::uint32_t events) override;

 private:
  void start_connecting();
  void resolve();
  void connect_to(const std::string& host);
  void connected();
  void receive();
  std::size_t most_of_first();  // what the reply to the first in the queue may be
  void pass_over_large();
  void answer(std::string_view reply);
  void lose(const std::string& reason);
  void interest(bool writing);

  Poller& poller_;
  NodeListener& listener_;
  const NodeOptions& options_;
  NodeAddress address_;
  std::string name_;
  State state_ = State::down;
  unique_fd fd_;
  asio::ip::tcp::resolver resolver_;
  std::shared_ptr<int> alive_ = std::make_shared<int>();  // for the resolver's callback
  net::Backoff backoff_;
  Clock::time_point connect_deadline_{}, paused_until_{}, stuck_since_{};
  std::string last_error_;

  ByteBuffer in_, out_;   // out_ keeps each request until its reply has come
  std::size_t sent_ = 0;  // how much of out_ was sent
  bool writing_ = false;  // EPOLLOUT is asked for
  bool waits_for_auth_ = false;
  Ring<InFlight> queue_;
  ReplyScanner scanner_;
  bool passing_over_ = false;  // what comes of the first reply is not kept
};

}  // namespace tandem::redis
