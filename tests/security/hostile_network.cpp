// How a program would speak with its neighbour's address. What the kernel lets through is used: it sends.
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "tests/security/hostile_calls.hpp"

namespace hostile {

namespace {

using Hardware = std::array<unsigned char, 6>;

struct Spoof {
  in_addr neighbour{}, victim{};
  std::uint16_t port = 0;
  int interface = 0;
  Hardware own{}, theirs{}, next{};  // next: the victim's
};

long failed(int error_number) {
  errno = error_number;
  return -1;
}

// Tandem's bridge gives hardware addresses that follow from the IP addresses.
Hardware hardware_of(in_addr address) {
  Hardware bytes{0x0a, 0x58};
  std::memcpy(bytes.data() + 2, &address, 4);
  return bytes;
}

sockaddr_in at(in_addr address, std::uint16_t port) {
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_addr = address;
  in.sin_port = htons(port);
  return in;
}

long send_to_victim(int socket, const Spoof& spoof, const char* text) {
  const sockaddr_in to = at(spoof.victim, spoof.port);
  return sendto(socket, text, strlen(text), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
}

// --- frames and packets made by hand

std::uint16_t checksum(const void* data, std::size_t size) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i + 1 < size; i += 2) {
    std::uint16_t word;
    std::memcpy(&word, static_cast<const char*>(data) + i, 2);
    sum += word;
  }
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

std::string ip_packet(const Spoof& spoof, const std::string& text) {
  udphdr udp{};
  udp.source = udp.dest = htons(spoof.port);
  udp.len = htons(static_cast<std::uint16_t>(sizeof udp + text.size()));
  iphdr ip{};
  ip.version = 4;
  ip.ihl = 5;
  ip.ttl = 64;
  ip.protocol = IPPROTO_UDP;
  ip.tot_len = htons(static_cast<std::uint16_t>(sizeof ip + sizeof udp + text.size()));
  ip.saddr = spoof.neighbour.s_addr;
  ip.daddr = spoof.victim.s_addr;
  ip.check = checksum(&ip, sizeof ip);
  std::string packet(reinterpret_cast<const char*>(&ip), sizeof ip);
  packet.append(reinterpret_cast<const char*>(&udp), sizeof udp);
  return packet + text;
}

long send_frame(const Spoof& spoof, const Hardware& from, const Hardware& to, std::uint16_t type,
                const std::string& content) {
  const int packets = socket(AF_PACKET, SOCK_RAW, 0);
  if (packets < 0) return -1;
  ether_header header{};
  std::memcpy(header.ether_dhost, to.data(), to.size());
  std::memcpy(header.ether_shost, from.data(), from.size());
  header.ether_type = htons(type);
  const std::string frame = std::string(reinterpret_cast<const char*>(&header), sizeof header) + content;
  sockaddr_ll link{};
  link.sll_family = AF_PACKET;
  link.sll_ifindex = spoof.interface;
  link.sll_halen = 6;
  std::memcpy(link.sll_addr, to.data(), to.size());
  return sendto(packets, frame.data(), frame.size(), 0, reinterpret_cast<const sockaddr*>(&link), sizeof link);
}

long frame_with_own_hardware(const Spoof& spoof) {
  return send_frame(spoof, spoof.own, spoof.next, ETHERTYPE_IP, ip_packet(spoof, "frame with own hardware address"));
}
long frame_with_their_hardware(const Spoof& spoof) {
  return send_frame(spoof, spoof.theirs, spoof.next, ETHERTYPE_IP,
                    ip_packet(spoof, "frame with their hardware address"));
}
// The tag says network 0, which is none: whoever looks for IPv4 in the frame's type finds another.
long tagged_frame(const Spoof& spoof) {
  const std::string tag{0, 0, 8, 0};
  return send_frame(spoof, spoof.own, spoof.next, ETHERTYPE_VLAN, tag + ip_packet(spoof, "tagged frame"));
}
// Unasked: "the neighbour's address is at my hardware address".
long lie_by_arp(const Spoof& spoof) {
  struct __attribute__((packed)) {
    arphdr head;
    Hardware sender;
    in_addr sender_ip;
    Hardware target;
    in_addr target_ip;
  } message{};
  message.head = {htons(ARPHRD_ETHER), htons(ETHERTYPE_IP), 6, 4, htons(ARPOP_REPLY)};
  message.sender = message.target = spoof.own;
  message.sender_ip = spoof.neighbour;
  message.target_ip = spoof.neighbour;
  const Hardware everybody{255, 255, 255, 255, 255, 255};
  return send_frame(spoof, spoof.own, everybody, ETHERTYPE_ARP,
                    std::string(reinterpret_cast<const char*>(&message), sizeof message));
}
long old_packet_socket(const Spoof&) { return socket(AF_INET, SOCK_PACKET, htons(ETHERTYPE_IP)); }
long raw_ip(const Spoof& spoof) {
  const int raw = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
  if (raw < 0) return -1;
  const std::string packet = ip_packet(spoof, "raw packet");
  const sockaddr_in to = at(spoof.victim, 0);
  return sendto(raw, packet.data(), packet.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
}
long raw_ip6(const Spoof&) { return socket(AF_INET6, SOCK_RAW, IPPROTO_RAW); }

// --- sockets that claim the address

long send_bound(const Spoof& spoof, int option, const char* text) {
  const int datagrams = socket(AF_INET, SOCK_DGRAM, 0), on = 1;
  if (option != 0 && setsockopt(datagrams, SOL_IP, option, &on, sizeof on) != 0) return -1;
  const sockaddr_in from = at(spoof.neighbour, 0);
  if (bind(datagrams, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0) return -1;
  return send_to_victim(datagrams, spoof, text);
}
long bound(const Spoof& spoof) { return send_bound(spoof, 0, "bound"); }
long bound_freely(const Spoof& spoof) { return send_bound(spoof, IP_FREEBIND, "bound freely"); }
long bound_transparently(const Spoof& spoof) { return send_bound(spoof, IP_TRANSPARENT, "bound transparently"); }
long connected_freely(const Spoof& spoof) {
  const int stream = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  setsockopt(stream, SOL_IP, IP_FREEBIND, &on, sizeof on);
  const sockaddr_in from = at(spoof.neighbour, 0), to = at(spoof.victim, spoof.port);
  if (bind(stream, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0) return -1;
  return connect(stream, reinterpret_cast<const sockaddr*>(&to), sizeof to);
}
long source_beside_the_message(const Spoof& spoof) {
  const int datagrams = socket(AF_INET, SOCK_DGRAM, 0);
  sockaddr_in to = at(spoof.victim, spoof.port);
  char text[] = "source beside the message";
  iovec piece{text, sizeof text - 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(in_pktinfo))] = {};
  msghdr message{};
  message.msg_name = &to;
  message.msg_namelen = sizeof to;
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* head = CMSG_FIRSTHDR(&message);
  head->cmsg_level = SOL_IP;
  head->cmsg_type = IP_PKTINFO;
  head->cmsg_len = CMSG_LEN(sizeof(in_pktinfo));
  in_pktinfo info{};
  info.ipi_spec_dst = spoof.neighbour;
  std::memcpy(CMSG_DATA(head), &info, sizeof info);
  return sendmsg(datagrams, &message, 0);
}

// --- other settings of the interface

// Sends one request and reads the kernel's answer.
template <class Body>
long ask_kernel(int protocol, int type, int flags, const Body& body, const std::string& attributes = "") {
  const int netlink = socket(AF_NETLINK, SOCK_RAW, protocol);
  if (netlink < 0) return -1;
  nlmsghdr head{};
  std::string content(NLMSG_ALIGN(sizeof body), '\0');
  std::memcpy(content.data(), &body, sizeof body);
  content += attributes;
  head.nlmsg_len = static_cast<std::uint32_t>(NLMSG_HDRLEN + content.size());
  head.nlmsg_type = static_cast<std::uint16_t>(type);
  head.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | NLM_F_ACK | flags);
  const std::string message = std::string(reinterpret_cast<const char*>(&head), sizeof head) + content;
  if (send(netlink, message.data(), message.size(), 0) < 0) return -1;
  alignas(nlmsghdr) char answer[4096];
  const ssize_t size = recv(netlink, answer, sizeof answer, 0);
  close(netlink);
  if (size < static_cast<ssize_t>(NLMSG_LENGTH(sizeof(nlmsgerr)))) return failed(EPROTO);
  nlmsgerr said{};
  std::memcpy(&said, NLMSG_DATA(reinterpret_cast<nlmsghdr*>(answer)), sizeof said);
  return said.error == 0 ? 0 : failed(-said.error);
}

std::string attribute(int type, const void* data, std::size_t size) {
  rtattr head{};
  head.rta_len = static_cast<unsigned short>(RTA_LENGTH(size));
  head.rta_type = static_cast<unsigned short>(type);
  std::string bytes(reinterpret_cast<const char*>(&head), sizeof head);
  bytes.append(static_cast<const char*>(data), size);
  bytes.resize(RTA_ALIGN(bytes.size()));
  return bytes;
}

long take_address(const Spoof& spoof) {
  ifaddrmsg body{AF_INET, 32, 0, 0, static_cast<std::uint32_t>(spoof.interface)};
  const std::string address = attribute(IFA_LOCAL, &spoof.neighbour, 4);
  const long taken = ask_kernel(NETLINK_ROUTE, RTM_NEWADDR, NLM_F_CREATE, body, address);
  if (taken < 0) return taken;
  const long sent = send_bound(spoof, 0, "address taken by netlink");
  ask_kernel(NETLINK_ROUTE, RTM_DELADDR, 0, body, address);
  return sent;
}
long take_hardware_address(const Spoof& spoof) {
  ifinfomsg body{};
  body.ifi_index = spoof.interface;
  const auto set = [&](const Hardware& address) {
    return ask_kernel(NETLINK_ROUTE, RTM_NEWLINK, 0, body, attribute(IFLA_ADDRESS, address.data(), address.size()));
  };
  const long taken = set(spoof.theirs);
  if (taken == 0) set(spoof.own);
  return taken;
}
long make_local_route(const Spoof& spoof) {
  rtmsg body{AF_INET, 32, 0, 0, RT_TABLE_LOCAL, RTPROT_STATIC, RT_SCOPE_HOST, RTN_LOCAL, 0};
  const int interface = spoof.interface;
  const std::string route = attribute(RTA_DST, &spoof.neighbour, 4) + attribute(RTA_OIF, &interface, 4);
  const long made = ask_kernel(NETLINK_ROUTE, RTM_NEWROUTE, NLM_F_CREATE, body, route);
  if (made < 0) return made;
  const long sent = send_bound(spoof, 0, "address made local by a route");
  ask_kernel(NETLINK_ROUTE, RTM_DELROUTE, 0, body, route);
  return sent;
}
long make_interface(const Spoof&) {
  const std::string kind = attribute(IFLA_INFO_KIND, "dummy", 5);
  return ask_kernel(NETLINK_ROUTE, RTM_NEWLINK, NLM_F_CREATE, ifinfomsg{},
                    attribute(IFLA_LINKINFO, kind.data(), kind.size()));
}
long filter_packets(const Spoof&) { return ask_kernel(NETLINK_NETFILTER, NFNL_SUBSYS_IPSET << 8, 0, nfgenmsg{}); }
long change_by_ioctl(const Spoof& spoof, unsigned long request, bool hardware) {
  ifreq change{};
  std::strcpy(change.ifr_name, "eth0");
  if (hardware) {
    change.ifr_hwaddr.sa_family = ARPHRD_ETHER;
    std::memcpy(change.ifr_hwaddr.sa_data, spoof.own.data(), spoof.own.size());
  } else {
    const sockaddr_in address = at(spoof.neighbour, 0);
    std::memcpy(&change.ifr_addr, &address, sizeof address);
  }
  return ioctl(socket(AF_INET, SOCK_DGRAM, 0), request, &change);
}
long set_hardware_by_ioctl(const Spoof& spoof) { return change_by_ioctl(spoof, SIOCSIFHWADDR, true); }
long set_arp_by_ioctl(const Spoof& spoof) {
  arpreq entry{};
  const sockaddr_in address = at(spoof.neighbour, 0);
  std::memcpy(&entry.arp_pa, &address, sizeof address);
  entry.arp_ha.sa_family = ARPHRD_ETHER;
  entry.arp_flags = ATF_COM;
  std::strcpy(entry.arp_dev, "eth0");
  return ioctl(socket(AF_INET, SOCK_DGRAM, 0), SIOCSARP, &entry);
}

struct Attempt {
  const char* name;
  long (*make)(const Spoof&);
};
constexpr Attempt attempts[] = {
    {"frame-own-hardware", frame_with_own_hardware},
    {"frame-their-hardware", frame_with_their_hardware},
    {"frame-tagged", tagged_frame},
    {"arp-lie", lie_by_arp},
    {"old-packet-socket", old_packet_socket},
    {"raw-ip", raw_ip},
    {"raw-ip6", raw_ip6},
    {"bind", bound},
    {"bind-freely", bound_freely},
    {"connect-freely", connected_freely},
    {"bind-transparently", bound_transparently},
    {"source-beside-message", source_beside_the_message},
    {"netlink-address", take_address},
    {"netlink-hardware", take_hardware_address},
    {"netlink-route", make_local_route},
    {"netlink-interface", make_interface},
    {"netfilter", filter_packets},
    {"ioctl-hardware", set_hardware_by_ioctl},
    {"ioctl-arp", set_arp_by_ioctl},
};

}  // namespace

int speak_as(const char* neighbour, const char* victim, int port) {
  Spoof spoof;
  spoof.port = static_cast<std::uint16_t>(port);
  spoof.interface = static_cast<int>(if_nametoindex("eth0"));
  if (inet_pton(AF_INET, neighbour, &spoof.neighbour) != 1 || inet_pton(AF_INET, victim, &spoof.victim) != 1) return 64;
  ifreq own{};
  std::strcpy(own.ifr_name, "eth0");
  const int datagrams = socket(AF_INET, SOCK_DGRAM, 0);
  if (ioctl(datagrams, SIOCGIFHWADDR, &own) != 0) return 1;
  std::memcpy(spoof.own.data(), own.ifr_hwaddr.sa_data, spoof.own.size());
  spoof.theirs = hardware_of(spoof.neighbour);
  spoof.next = hardware_of(spoof.victim);
  for (const Attempt& attempt : attempts) {
    const long result = attempt.make(spoof);
    say(std::string(attempt.name) + (result < 0 ? " " + refused(errno) : " could"));
  }
  send_to_victim(datagrams, spoof, "the end");  // whatever was sent before has come before
  return 0;
}

}  // namespace hostile
