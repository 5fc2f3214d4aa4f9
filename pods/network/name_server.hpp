// The pod's name service: answers the names it is given, forwards the rest to the host's name servers. For a
// single-threaded loop: nothing blocks, every table is bounded. Build it in two steps, since sockets belong to the
// network namespace they were made in:
//   in the host's namespace:  auto upstream = open_upstream_sockets(plan.network.upstream_nameservers);
//   in the pod's:             NameServer server(listen_for_names(plan.network.name_server, name_server_port),
//   std::move(upstream), names);
// Then watch fd() for EPOLLIN (it is an epoll descriptor of its own, level-triggered), call on_readable() when it is
// ready and on_time() when next_deadline() has passed.
#pragma once

#include <chrono>
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

struct UpstreamSocket {
  std::string address;  // as written in resolv.conf
  unique_fd udp;        // connected, non-blocking
};
// One connected socket for each server that has a route; others are left out. Never throws for a server's sake.
std::vector<UpstreamSocket> open_upstream_sockets(const std::vector<std::string>& nameservers, int port = 53);

struct ListenSockets {
  unique_fd udp, tcp;
};
ListenSockets listen_for_names(const std::string& address,
                               int port);  // in the caller's network namespace; throws Error

class NameServer {
 public:
  NameServer(ListenSockets listen, std::vector<UpstreamSocket> upstream, Names names);
  NameServer(NameServer&&) noexcept;
  NameServer& operator=(NameServer&&) noexcept;
  ~NameServer();

  // Everything below cluster.local is answered here: A for these names (order rotated, TTL 5 s), no answers for other
  // types of a known name, NXDOMAIN for unknown names. All other names are forwarded over UDP: next server after 1.5 s
  // or a failure, SERVFAIL in the end.
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
