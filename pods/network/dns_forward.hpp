// Questions that were passed on and wait for their answer: pure, bounded; the driver sends and receives.
#pragma once

#include <netinet/in.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "pods/network/dns_message.hpp"

namespace tandem::network::dns {

using TimePoint = std::chrono::steady_clock::time_point;

// Who asked us.
struct Client {
  std::uint64_t stream = 0;  // a TCP connection's number; 0: over UDP, from `address`
  sockaddr_in address{};
};

struct Send {  // to the server with this index
  std::size_t upstream = 0;
  Bytes message;
};
struct Reply {  // to the client
  Client client;
  Bytes message;
};
struct Actions {
  std::vector<Send> sends;
  std::vector<Reply> replies;
};

class ForwardTable {
 public:
  static constexpr std::size_t most_waiting = 256;
  static constexpr std::chrono::milliseconds patience{1500};  // with one server

  // `random_id` gives the ids under which we ask: nobody may guess them.
  ForwardTable(std::size_t upstreams, std::function<std::uint16_t()> random_id)
      : upstreams_(upstreams), random_id_(std::move(random_id)) {}

  // A question for others. SERVFAIL at once when there is no server or the table is full.
  Actions add(const Client& client, const Query& query, Bytes message, TimePoint now);
  // Bytes from a server: the answer of a question that waits for it, or nothing. A server's SERVFAIL, REFUSED or NOTIMP
  // sends the question to the next one.
  Actions on_answer(std::size_t upstream, std::string_view bytes, TimePoint now);
  Actions on_unreachable(std::size_t upstream, TimePoint now);  // nobody listens there
  Actions on_time(TimePoint now);
  std::optional<TimePoint> next_deadline() const;
  std::size_t waiting() const { return waiting_.size(); }

 private:
  struct Waiting {
    Client client;
    Query query;
    Bytes message;
    std::size_t upstream = 0;
    int tries = 1;
    TimePoint deadline;
  };
  using Entry = std::map<std::uint16_t, Waiting>::iterator;

  int most_tries() const;
  void try_next(Entry entry, TimePoint now, Actions& actions);
  Entry move_to_new_id(Entry entry);
  std::uint16_t free_id() const;

  std::size_t upstreams_;
  std::function<std::uint16_t()> random_id_;
  std::size_t preferred_ = 0;                 // the server that answered last
  std::map<std::uint16_t, Waiting> waiting_;  // by the id we asked under
};

}  // namespace tandem::network::dns
