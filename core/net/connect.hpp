// Outgoing connections with a time limit.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/net/asio.hpp"
#include "core/net/endpoint.hpp"

namespace tandem::net {

class Connected {
 public:
  explicit Connected(Socket open) : socket(std::move(open)) {}
  Socket socket;      // open, unless there is an error
  std::string error;  // why not: "connect to 127.0.0.1:80: Connection refused"
  bool ok() const { return error.empty(); }
};

// The addresses of a TCP or UDP endpoint, in the order in which they should be tried: names through getaddrinfo on
// Asio's resolver thread, addresses without.
class Addresses {
 public:
  std::vector<asio::ip::tcp::endpoint> all;
  std::string error;  // why there are none: "resolve logs:514: Host not found (authoritative)"
};
awaitable<Addresses> resolve(Endpoint endpoint, std::chrono::milliseconds limit);

// Resolves (names through getaddrinfo on Asio's resolver thread; addresses without), tries each address, sets
// TCP_NODELAY. Never throws for the peer's or the network's fault.
awaitable<Connected> connect_to(Endpoint endpoint, std::chrono::milliseconds limit);

}  // namespace tandem::net
