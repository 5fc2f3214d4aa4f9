#include "pods/network/links.hpp"

#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/bridge.h>
#include <netlink/route/link/veth.h>
#include <netlink/route/route.h>

#include <algorithm>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "pods/network/inside_namespace.hpp"

namespace tandem::network {

namespace {

template <class T, void (*Release)(T*)>
struct Releaser {
  void operator()(T* object) const { Release(object); }
};
using Link = std::unique_ptr<rtnl_link, Releaser<rtnl_link, rtnl_link_put>>;
using Address = std::unique_ptr<rtnl_addr, Releaser<rtnl_addr, rtnl_addr_put>>;
using RouteObject = std::unique_ptr<rtnl_route, Releaser<rtnl_route, rtnl_route_put>>;
using NetworkAddress = std::unique_ptr<nl_addr, Releaser<nl_addr, nl_addr_put>>;
using Cache = std::unique_ptr<nl_cache, Releaser<nl_cache, nl_cache_free>>;

[[noreturn]] void fail(int code, const char* tried, const std::string& object) {
  const bool denied = code == -NLE_PERM || code == -NLE_NOACCESS;
  throw Error(Fault::environment, tried, object, nl_geterror(code), denied ? "pod networks need root" : "");
}

void expect(int code, const char* tried, const std::string& object) {
  if (code < 0) fail(code, tried, object);
}

void expect_or_exists(int code, const char* tried, const std::string& object) {
  if (code != -NLE_EXIST) expect(code, tried, object);
}

NetworkAddress network_address(std::uint32_t address, int prefix_length) {
  const std::uint32_t wire = htonl(address);
  NetworkAddress built(nl_addr_build(AF_INET, &wire, sizeof wire));
  nl_addr_set_prefixlen(built.get(), prefix_length);
  return built;
}

NetworkAddress hardware_address(std::uint32_t ip) {
  const auto bytes = hardware_address_of(ip);
  return NetworkAddress(nl_addr_build(AF_LLC, bytes.data(), bytes.size()));
}

void check_name(const std::string& name) {
  if (name.empty() || name.size() >= IFNAMSIZ) {
    throw Error(Fault::bug, "name a network interface", "\"" + name + "\"", "it must have 1 to 15 bytes");
  }
}

Link find_link(nl_sock* socket, const std::string& name) {
  rtnl_link* found = nullptr;
  const int code = rtnl_link_get_kernel(socket, 0, name.c_str(), &found);
  if (code == -NLE_NODEV || code == -NLE_OBJ_NOTFOUND) return nullptr;
  expect(code, "look up network interface", name);
  return Link(found);
}

Link require_link(nl_sock* socket, const std::string& name) {
  Link link = find_link(socket, name);
  if (!link) fail(-NLE_NODEV, "look up network interface", name);
  return link;
}

void bring_up(nl_sock* socket, const std::string& name) {
  const Link link = require_link(socket, name);
  if (rtnl_link_get_flags(link.get()) & IFF_UP) return;
  const Link change(rtnl_link_alloc());
  rtnl_link_set_flags(change.get(), IFF_UP);
  expect(rtnl_link_change(socket, link.get(), change.get(), 0), "bring up network interface", name);
}

}  // namespace

void Links::Close::operator()(nl_sock* socket) const { nl_socket_free(socket); }

Links::Links() : socket_(nl_socket_alloc()) {
  expect(nl_connect(socket_.get(), NETLINK_ROUTE), "open", "netlink socket");
}

Links::Links(const std::string& namespace_path) : socket_(nl_socket_alloc()) {
  const InsideNamespace inside(namespace_path);
  expect(nl_connect(socket_.get(), NETLINK_ROUTE), "open netlink socket in", namespace_path);
}

int Links::index_of(const std::string& name) const {
  const Link link = find_link(socket_.get(), name);
  return link ? rtnl_link_get_ifindex(link.get()) : 0;
}

void Links::create_bridge(const std::string& name, std::uint32_t address) {
  check_name(name);
  if (index_of(name) == 0) {
    const Link bridge(rtnl_link_bridge_alloc());
    rtnl_link_set_name(bridge.get(), name.c_str());
    rtnl_link_set_addr(bridge.get(), hardware_address(address).get());
    expect_or_exists(rtnl_link_add(socket_.get(), bridge.get(), NLM_F_CREATE | NLM_F_EXCL), "create bridge", name);
  }
  bring_up(socket_.get(), name);
}

void Links::create_veth(const std::string& name, const std::string& bridge, const std::string& peer,
                        const std::string& peer_namespace_path, std::uint32_t peer_address) {
  check_name(name);
  const unique_fd peer_namespace = open_file(peer_namespace_path, O_RDONLY);
  const Link link(rtnl_link_veth_alloc());
  rtnl_link_set_name(link.get(), name.c_str());
  rtnl_link_set_master(link.get(), rtnl_link_get_ifindex(require_link(socket_.get(), bridge).get()));
  rtnl_link_set_flags(link.get(), IFF_UP);
  const Link other(rtnl_link_veth_get_peer(link.get()));
  rtnl_link_set_name(other.get(), peer.c_str());
  rtnl_link_set_ns_fd(other.get(), peer_namespace.get());
  rtnl_link_set_addr(other.get(), hardware_address(peer_address).get());
  expect(rtnl_link_add(socket_.get(), link.get(), NLM_F_CREATE | NLM_F_EXCL), "create veth pair", name);
}

void Links::allow_hairpin(const std::string& port) {
  ifinfomsg link{};
  link.ifi_family = AF_BRIDGE;
  link.ifi_index = rtnl_link_get_ifindex(require_link(socket_.get(), port).get());
  nl_msg* message = nlmsg_alloc_simple(RTM_SETLINK, 0);
  nlmsg_append(message, &link, sizeof link, NLMSG_ALIGNTO);
  nlattr* settings = nla_nest_start(message, IFLA_PROTINFO | NLA_F_NESTED);
  nla_put_u8(message, IFLA_BRPORT_MODE, 1);
  nla_nest_end(message, settings);
  expect(nl_send_sync(socket_.get(), message), "allow hairpin at bridge port", port);  // frees the message
}

void Links::set_up(const std::string& name) { bring_up(socket_.get(), name); }

void Links::remove(const std::string& name) {
  const Link link = find_link(socket_.get(), name);
  if (!link) return;
  const int code = rtnl_link_delete(socket_.get(), link.get());
  if (code == -NLE_NODEV || code == -NLE_OBJ_NOTFOUND) return;
  expect(code, "remove network interface", name);
}

void Links::add_address(const std::string& name, std::uint32_t address, int prefix_length) {
  const Address object(rtnl_addr_alloc());
  rtnl_addr_set_ifindex(object.get(), rtnl_link_get_ifindex(require_link(socket_.get(), name).get()));
  rtnl_addr_set_local(object.get(), network_address(address, prefix_length).get());
  if (prefix_length < 31) {
    rtnl_addr_set_broadcast(object.get(), network_address(prefix_of(address, prefix_length).last(), 32).get());
  }
  const std::string what = format_ipv4(address) + "/" + std::to_string(prefix_length) + " on " + name;
  expect_or_exists(rtnl_addr_add(socket_.get(), object.get(), NLM_F_EXCL), "add address", what);
}

void Links::set_default_route(const std::string& name, std::uint32_t gateway) {
  const RouteObject route(rtnl_route_alloc());
  rtnl_route_set_family(route.get(), AF_INET);
  rtnl_route_set_dst(route.get(), network_address(0, 0).get());
  rtnl_nexthop* hop = rtnl_route_nh_alloc();
  rtnl_route_nh_set_ifindex(hop, rtnl_link_get_ifindex(require_link(socket_.get(), name).get()));
  rtnl_route_nh_set_gateway(hop, network_address(gateway, 32).get());
  rtnl_route_add_nexthop(route.get(), hop);
  expect(rtnl_route_add(socket_.get(), route.get(), NLM_F_CREATE | NLM_F_REPLACE), "set the default route through",
         format_ipv4(gateway));
}

std::vector<Route> Links::routes() const {
  nl_cache* filled = nullptr;
  expect(rtnl_route_alloc_cache(socket_.get(), AF_INET, 0, &filled), "list", "routes");
  const Cache cache(filled);
  std::vector<Route> found;
  for (nl_object* object = nl_cache_get_first(filled); object; object = nl_cache_get_next(object)) {
    auto* route = reinterpret_cast<rtnl_route*>(object);
    nl_addr* destination = rtnl_route_get_dst(route);
    if (!destination || nl_addr_get_prefixlen(destination) == 0 || rtnl_route_get_table(route) == RT_TABLE_LOCAL)
      continue;
    std::uint32_t wire = 0;
    if (nl_addr_get_len(destination) == sizeof wire) {
      std::copy_n(static_cast<const char*>(nl_addr_get_binary_addr(destination)), sizeof wire,
                  reinterpret_cast<char*>(&wire));
    }
    rtnl_nexthop* hop = rtnl_route_get_nnexthops(route) == 1 ? rtnl_route_nexthop_n(route, 0) : nullptr;
    found.push_back({prefix_of(ntohl(wire), static_cast<int>(nl_addr_get_prefixlen(destination))),
                     hop ? rtnl_route_nh_get_ifindex(hop) : 0});
  }
  return found;
}

std::vector<std::string> Links::ports(const std::string& bridge) const {
  const Link master = find_link(socket_.get(), bridge);
  if (!master) return {};
  nl_cache* filled = nullptr;
  expect(rtnl_link_alloc_cache(socket_.get(), AF_UNSPEC, &filled), "list", "network interfaces");
  const Cache cache(filled);
  std::vector<std::string> found;
  for (nl_object* object = nl_cache_get_first(filled); object; object = nl_cache_get_next(object)) {
    auto* link = reinterpret_cast<rtnl_link*>(object);
    if (rtnl_link_get_master(link) == rtnl_link_get_ifindex(master.get())) found.emplace_back(rtnl_link_get_name(link));
  }
  return found;
}

}  // namespace tandem::network
