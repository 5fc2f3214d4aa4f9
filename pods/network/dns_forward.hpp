// Questions that were passed on and wait for their answer: pure, bounded; the driver opens sockets, sends and receives.
// Who cannot see what we ask shall not be able to answer it: every time a question is asked, of whichever server, it is
// under a random id, with the letters of its name in random case (draft-vixie-dnsext-dns0x20), and from a socket of its
// own, so from a port of its own; equal questions are asked once.
#pragma once

#include <netinet/in.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
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

using AskNumber = std::uint64_t;

struct Send {  // to the server with this index, from a new socket
  AskNumber ask = 0;
  std::size_t upstream = 0;
  Bytes message;
  bool stream = false;  // over TCP
};
struct Reply {  // to the client
  Client client;
  Bytes message;
};
struct Actions {
  std::vector<Send> sends;
  std::vector<Reply> replies;
  std::vector<AskNumber> ended;  // their sockets are not needed any more
};

class ForwardTable {
 public:
  static constexpr std::size_t most_waiting = 256;
  static constexpr std::size_t most_clients = 64;             // of one question
  static constexpr std::chrono::milliseconds patience{1500};  // with one server

  // `random`: bits that nobody may guess.
  ForwardTable(std::size_t upstreams, std::function<std::uint64_t()> random)
      : upstreams_(upstreams), random_(std::move(random)) {}

  // A question for others. SERVFAIL at once when there is no server or the table is full.
  Actions add(const Client& client, const Query& query, Bytes message, TimePoint now);
  // Bytes that came to the socket of an ask: its answer, or nothing. A server's SERVFAIL, REFUSED or NOTIMP sends the
  // question to the next one. A server that does not keep the case of letters, or whose answer to a client on TCP is
  // cut off, is asked over TCP.
  Actions on_answer(AskNumber ask, std::string_view bytes, TimePoint now);
  Actions on_failure(AskNumber ask, TimePoint now);  // nobody listens there, no way leads there, it hung up
  Actions on_time(TimePoint now);
  std::optional<TimePoint> next_deadline() const;
  std::size_t waiting() const { return waiting_.size(); }

 private:
  struct Asker {
    Client client;
    Query query;
  };
  struct Waiting {
    std::vector<Asker> askers;
    std::string key;
    Bytes message;  // as it was sent last
    std::size_t upstream = 0;
    int tries = 1;
    bool stream = false;
    TimePoint deadline;
  };
  using Entry = std::map<AskNumber, Waiting>::iterator;

  int most_tries() const;
  void ask(Waiting waiting, TimePoint now, Actions& actions);
  Waiting take(Entry entry, Actions& actions);
  void try_next(Entry entry, TimePoint now, Actions& actions);
  void try_stream(Entry entry, TimePoint now, Actions& actions);

  std::size_t upstreams_;
  std::function<std::uint64_t()> random_;
  std::size_t preferred_ = 0;  // the server that answered last
  AskNumber next_ask_ = 1;
  std::map<AskNumber, Waiting> waiting_;
  std::map<std::string, AskNumber> by_key_;
};

}  // namespace tandem::network::dns
