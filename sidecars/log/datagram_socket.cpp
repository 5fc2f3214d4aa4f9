#include "sidecars/log/datagram_socket.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <cstring>
#include <memory>

#include "core/net/peer.hpp"
#include "core/os/check.hpp"
#include "core/os/socket_file.hpp"

namespace tandem::shipper {
namespace {

constexpr int receive_bytes = 4 << 20;  // of the kernel's buffer; it gives what net.core.rmem_max allows

std::string name_of(const ucred& credentials) {
  const std::string uid = "uid=" + std::to_string(credentials.uid);
  // A process of a container that we cannot see has the number 0.
  return credentials.pid > 0 ? "pid=" + std::to_string(credentials.pid) + "," + uid : uid;
}

std::string name_of(const sockaddr_storage& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET) {
    const auto& in4 = reinterpret_cast<const sockaddr_in&>(address);
    return std::string(::inet_ntop(AF_INET, &in4.sin_addr, text, sizeof text)) + ":" +
           std::to_string(ntohs(in4.sin_port));
  }
  if (address.ss_family != AF_INET6) return "";
  const auto& in6 = reinterpret_cast<const sockaddr_in6&>(address);
  return "[" + std::string(::inet_ntop(AF_INET6, &in6.sin6_addr, text, sizeof text)) +
         "]:" + std::to_string(ntohs(in6.sin6_port));
}

void set(int fd, int option, int value) { ::setsockopt(fd, SOL_SOCKET, option, &value, sizeof value); }

template <class Bind>
unique_fd bound(int family, const Bind& bind, const std::string& object) {
  unique_fd fd(check([&] { return ::socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); },
                     "make a socket for", object));
  set(fd.get(), SO_RCVBUF, receive_bytes);
  if (family == AF_UNIX) set(fd.get(), SO_PASSCRED, 1);
  if (family != AF_UNIX) set(fd.get(), SO_RXQ_OVFL, 1);
  const int result = bind(fd.get());
  if (result < 0) throw Error::from_errno("receive at", object, -result, "is another program listening there?");
  return fd;
}

}  // namespace

unique_fd bind_datagrams(const net::Endpoint& endpoint, unsigned mode) {
  const std::string object = to_string(endpoint);
  if (endpoint.is_unix())
    return bound(
        AF_UNIX, [&](int fd) { return bind_socket_file(fd, endpoint.path, mode); }, object);
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int failure = ::getaddrinfo(endpoint.host.c_str(), std::to_string(endpoint.port).c_str(), &hints, &found);
  if (failure != 0) throw Error(Fault::environment, "receive at", object, ::gai_strerror(failure));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> list(found, &::freeaddrinfo);
  const auto bind_address = [&](int fd) {
    return attempt([&] { return ::bind(fd, list->ai_addr, list->ai_addrlen); });
  };
  return bound(list->ai_family, bind_address, object);
}

bool receive_datagram(int fd, char* buffer, std::size_t room, Datagram& out) {
  sockaddr_storage from{};
  iovec part{buffer, room};
  // Room for one of the two that were asked for: descriptors that a Unix sender passes do not fit, and are closed.
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(ucred))];
  msghdr message{};
  message.msg_name = &from;
  message.msg_namelen = sizeof from;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const auto count = attempt([&] { return ::recvmsg(fd, &message, MSG_CMSG_CLOEXEC); });
  if (count < 0) return false;
  out = {};
  out.text = {buffer, static_cast<std::size_t>(count)};
  out.peer = name_of(from);
  for (cmsghdr* head = CMSG_FIRSTHDR(&message); head; head = CMSG_NXTHDR(&message, head)) {
    if (head->cmsg_level != SOL_SOCKET) continue;
    ucred credentials{};
    if (head->cmsg_type == SO_RXQ_OVFL) std::memcpy(&out.dropped, CMSG_DATA(head), sizeof out.dropped);
    if (head->cmsg_type != SCM_CREDENTIALS) continue;
    std::memcpy(&credentials, CMSG_DATA(head), sizeof credentials);
    out.peer = name_of(credentials);
  }
  return true;
}

std::string stream_peer(int fd) {
  ucred credentials{};
  socklen_t length = sizeof credentials;
  int domain = 0;
  socklen_t domain_length = sizeof domain;
  ::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &domain_length);
  if (domain == AF_UNIX && ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0)
    return name_of(credentials);
  return net::peer_of(fd).text;
}

}  // namespace tandem::shipper
