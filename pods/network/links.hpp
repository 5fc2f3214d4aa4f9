// Links, addresses and routes of one network namespace, by rtnetlink(7). Creating what is there already is fine.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "pods/network/ipv4.hpp"

struct nl_sock;

namespace tandem::network {

struct Route {
  Prefix destination;
  int interface_index = 0;  // 0: more than one, or none
};

// Every function throws Error{environment} that names the interface.
class Links {
 public:
  Links();                                            // of the caller's network namespace
  explicit Links(const std::string& namespace_path);  // of another one ("/proc/PID/ns/net" or a bind mount of it)

  int index_of(const std::string& name) const;  // 0: there is none
  void create_bridge(const std::string& name, std::uint32_t address);
  // A veth pair: `name` here, up, in the bridge; `peer` in the namespace at `peer_namespace_path`, its hardware address
  // made from `peer_address`.
  void create_veth(const std::string& name, const std::string& bridge, const std::string& peer,
                   const std::string& peer_namespace_path, std::uint32_t peer_address);
  // Lets a bridge send a frame back through the port it came from: a pod that reaches its own host port needs it where
  // the kernel translates addresses on the bridge itself (br_netfilter).
  void allow_hairpin(const std::string& port);
  void set_up(const std::string& name);
  void remove(const std::string& name);  // absent is fine

  void add_address(const std::string& name, std::uint32_t address, int prefix_length);
  void set_default_route(const std::string& name, std::uint32_t gateway);
  std::vector<Route> routes() const;  // IPv4, without default routes and the host's own addresses
  std::vector<std::string> ports(const std::string& bridge) const;  // the interfaces that are in it

 private:
  struct Close {
    void operator()(nl_sock* socket) const;
  };
  std::unique_ptr<nl_sock, Close> socket_;
};

}  // namespace tandem::network
