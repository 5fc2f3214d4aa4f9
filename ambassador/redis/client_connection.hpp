// One client: its requests are read in order, and it gets the replies in that order whatever the nodes' order is.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ambassador/redis/byte_buffer.hpp"
#include "ambassador/redis/in_flight.hpp"
#include "ambassador/redis/limits.hpp"
#include "ambassador/redis/merge.hpp"
#include "ambassador/redis/poller.hpp"
#include "ambassador/redis/request_parser.hpp"
#include "ambassador/redis/ring.hpp"
#include "ambassador/redis/session.hpp"
#include "core/os/unique_fd.hpp"

namespace tandem::redis {

class ClientConnection;

struct ClientLimits {
  RequestLimits request;
  std::size_t pipeline = 1024;                       // requests without a reply; then it is not read
  std::size_t output_bytes = std::size_t{64} << 20;  // replies it has not taken; then it is not read
};

// Replies of a request that went to several nodes.
struct Gathered {
  MergeKind merge = MergeKind::none;
  std::size_t missing = 0;
  std::vector<PartReply> parts;
  std::vector<std::string> sections;  // INFO's arguments
  std::size_t bytes = 0;              // of the parts that have come
};

class ClientListener {
 public:
  virtual ~ClientListener() = default;
  // Takes the request that `sequence` was given to: calls complete() now or later, or keeps parts in gathered().
  // False: not now; it is offered again after resume().
  virtual bool on_command(ClientConnection& client, const Command& command, std::uint64_t sequence) = 0;
  virtual void wants_flush(ClientConnection& client) = 0;
  virtual void wants_resume(ClientConnection& client) = 0;  // it was held back and may go on
  virtual void on_closed(ClientConnection& client) = 0;     // to be destroyed at the end of the turn
  virtual void on_answered(Clock::time_point asked, bool write) = 0;
  virtual void on_limit(ClientConnection& client, Limit limit) = 0;
  virtual void on_memory(std::size_t before, std::size_t now) = 0;  // what a client holds has changed; it may be closed
};

class ClientConnection : public Watcher {
 public:
  ClientConnection(Poller& poller, ClientListener& listener, const ClientLimits& limits, unique_fd fd,
                   std::uint32_t index, std::uint32_t generation);
  ~ClientConnection() override;

  std::uint32_t index() const { return index_; }
  std::uint32_t generation() const { return generation_; }
  std::size_t pending() const { return pending_.size(); }
  std::size_t output_bytes() const { return out_.size() + held_bytes_; }
  std::size_t memory() const { return closed() ? 0 : in_.size() + output_bytes(); }
  bool closed() const { return !fd_; }
  bool has_spoken() const { return first_ > 0 || !pending_.empty() || !in_.empty(); }
  Clock::time_point now() const { return now_; }  // when it last read requests

  // The reply to a request: at once into the output when it is its turn.
  void complete(std::uint64_t sequence, std::string_view reply);
  void set_write(std::uint64_t sequence) { at(sequence).write = true; }
  Gathered& gather(std::uint64_t sequence);    // makes it
  Gathered* gathered(std::uint64_t sequence);  // nullptr: there is none
  void take_part(Gathered& gathered, std::size_t part, std::string_view reply);
  void finish();  // no more requests; closes after the last reply
  void resume();  // goes on with what was read
  void flush();
  void close();

  Session session;
  std::uint64_t epoch = 0;  // of the slot map that its unanswered requests were routed by; the listener's
  bool wants_flush = false, wants_resume = false;    // kept by the listener
  std::uint64_t received_bytes = 0, sent_bytes = 0;  // since the listener last took them

  void on_ready(std::uint32_t events) override;

 private:
  struct Pending {
    bool ready = false, write = false;
    std::string reply;
    std::unique_ptr<Gathered> gathered;
    Clock::time_point asked{};
  };

  Pending& at(std::uint64_t sequence) { return pending_[static_cast<std::size_t>(sequence - first_)]; }
  void receive();
  void process();
  bool may_process() const;
  void pop_ready();
  void interest();
  void ask_flush();
  void tell_memory();

  Poller& poller_;
  ClientListener& listener_;
  const ClientLimits& limits_;
  unique_fd fd_;
  std::uint32_t index_, generation_;
  RequestParser parser_;
  Command command_;
  ByteBuffer in_, out_;
  Ring<Pending> pending_;
  std::uint64_t first_ = 0;  // the sequence of pending_'s front
  std::size_t held_bytes_ = 0, told_memory_ = 0;
  std::uint32_t events_ = 0;
  bool offered_ = false;    // command_ was parsed and not taken
  bool held_back_ = false;  // process() stopped before the end of what was read
  bool at_limit_ = false;   // since it last read all of it, as it may not have more
  bool finishing_ = false, writing_ = false;
  Clock::time_point now_{};
};

}  // namespace tandem::redis
