#include "pods/network/conntrack.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <netlink/msg.h>
#include <netlink/netfilter/ct.h>
#include <netlink/netlink.h>

#include <algorithm>
#include <memory>

namespace tandem::network {

namespace {

constexpr int as_sent = 0;  // the flow's first direction, before any translation

struct PutFlow {
  void operator()(nfnl_ct* flow) const { nfnl_ct_put(flow); }
};
using Flow = std::unique_ptr<nfnl_ct, PutFlow>;

struct CloseSocket {
  void operator()(nl_sock* socket) const { nl_socket_free(socket); }
};

std::vector<std::uint32_t> addresses_of_host() {
  std::vector<std::uint32_t> addresses;
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) != 0) return addresses;
  for (const ifaddrs* each = all; each; each = each->ifa_next) {
    if (!each->ifa_addr || each->ifa_addr->sa_family != AF_INET) continue;
    addresses.push_back(ntohl(reinterpret_cast<const sockaddr_in*>(each->ifa_addr)->sin_addr.s_addr));
  }
  ::freeifaddrs(all);
  return addresses;
}

struct Search {
  const std::vector<UdpPort>& ports;
  std::vector<std::uint32_t> of_host;
  std::vector<Flow> found;

  bool is_of_host(std::uint32_t address) const {
    return address >> 24 == IN_LOOPBACKNET || std::find(of_host.begin(), of_host.end(), address) != of_host.end();
  }
  bool is_wanted(const nfnl_ct* flow) const {
    const nl_addr* to = nfnl_ct_get_dst(flow, as_sent);
    if (nfnl_ct_get_proto(flow) != IPPROTO_UDP || !to || nl_addr_get_family(to) != AF_INET) return false;
    const std::uint32_t address = ntohl(*static_cast<const std::uint32_t*>(nl_addr_get_binary_addr(to)));
    return std::any_of(ports.begin(), ports.end(), [&](const UdpPort& port) {
      return nfnl_ct_get_dst_port(flow, as_sent) == port.port &&
             (port.address != 0 ? port.address == address : is_of_host(address));
    });
  }
};

int look_at(nl_msg* message, void* search) {
  nfnl_ct* parsed = nullptr;
  if (nfnlmsg_ct_parse(nlmsg_hdr(message), &parsed) < 0) return NL_SKIP;
  Flow flow(parsed);
  auto& here = *static_cast<Search*>(search);
  if (here.is_wanted(parsed)) here.found.push_back(std::move(flow));
  return NL_OK;
}

}  // namespace

void forget_flows(const std::vector<UdpPort>& ports) {
  if (ports.empty()) return;
  const std::unique_ptr<nl_sock, CloseSocket> socket(nl_socket_alloc());
  if (!socket || nl_connect(socket.get(), NETLINK_NETFILTER) < 0) return;
  Search search{ports, addresses_of_host(), {}};
  nl_socket_modify_cb(socket.get(), NL_CB_VALID, NL_CB_CUSTOM, look_at, &search);
  if (nfnl_ct_dump_request(socket.get()) < 0 || nl_recvmsgs_default(socket.get()) < 0) return;
  // Whoever is gone meanwhile needs no help.
  for (const Flow& flow : search.found) nfnl_ct_del(socket.get(), flow.get(), 0);
}

}  // namespace tandem::network
