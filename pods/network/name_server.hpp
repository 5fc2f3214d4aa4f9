// The pod's name service: answers the names it is given, forwards the rest to the host's name servers. For a
// single-threaded loop: nothing blocks, every table is bounded. Sockets belong to the
// network namespace they were made in: the two that listen are made in the pod's, and `Upstream::open` makes its own in
// the host's.
// Then watch fd() for EPOLLIN (it is an epoll descriptor of its own, level-triggered), call on_readable() when it is
// ready and on_time() when next_deadline() has passed.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/os/unique_fd.hpp"

namespace tandem::network {

using Clock = std::chrono::steady_clock;

// Fully qualified, lower case, without the final dot ("redis.default.svc.cluster.local") -> IPv4 addresses.
using Names = std::map<std::string, std::vector<std::string>>;

// A new non-blocking socket (SOCK_DGRAM, or SOCK_STREAM on its way) to `address`, which is as resolv.conf has it; in
// the caller's network namespace. Empty: no way leads there, or it is no address.
bool is_upstream_address(const std::string& address);
unique_fd connect_upstream(const std::string& address, int type, int port = 53);

struct Upstream {
  std::vector<std::string> addresses;
  std::function<unique_fd(const std::string& address, int type)> open;  // connect_upstream, where a way leads out
};

struct ListenSockets {
  unique_fd udp, tcp;
};
ListenSockets listen_for_names(const std::string& address,
                               int port);  // in the caller's network namespace; throws Error

class NameServer {
 public:
  NameServer(ListenSockets listen, Upstream upstream, Names names);
  NameServer(NameServer&&) noexcept;
  NameServer& operator=(NameServer&&) noexcept;
  ~NameServer();

  // Everything below cluster.local is answered here: A for these names (order rotated, TTL 5 s), no answers for other
  // types of a known name, NXDOMAIN for unknown names. All other names are forwarded over UDP, over TCP what is too
  // long for a client on TCP: next server after 1.5 s or a failure, SERVFAIL in the end.
  void set_names(Names names);

  int fd() const;
  void on_readable(Clock::time_point now = Clock::now());
  std::optional<Clock::time_point> next_deadline() const;
  void on_time(Clock::time_point now = Clock::now());

 private:
  class Driver;
  std::unique_ptr<Driver> driver_;
};

}  // namespace tandem::network
