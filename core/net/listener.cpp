#include "core/net/listener.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <memory>

#include "core/net/timeout.hpp"
#include "core/os/check.hpp"

namespace tandem::net {

namespace {

void turn_on(int fd, int level, int option, const std::string& object) {
  int on = 1;
  check([&] { return ::setsockopt(fd, level, option, &on, sizeof on); }, "set a socket option of", object);
}

// `bind`: -errno when it fails.
template <class Bind>
unique_fd bind_and_listen(int family, const Bind& bind, const std::string& object, const ListenOptions& options) {
  unique_fd fd(check([&] { return ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); },
                     "make a socket for", object));
  if (family != AF_UNIX) turn_on(fd.get(), SOL_SOCKET, SO_REUSEADDR, object);
  if (family != AF_UNIX && options.reuse_port) turn_on(fd.get(), SOL_SOCKET, SO_REUSEPORT, object);
  const int bound = bind(fd.get());
  if (bound < 0) throw Error::from_errno("listen on", object, -bound, "is another program listening there?");
  check([&] { return ::listen(fd.get(), options.backlog); }, "listen on", object);
  return fd;
}

}  // namespace

unique_fd listen_on(const Endpoint& endpoint, const ListenOptions& options) {
  auto object = to_string(endpoint);
  if (endpoint.is_unix()) {
    const auto bind_file = [&](int fd) { return bind_socket_file(fd, endpoint.path, options.mode); };
    return bind_and_listen(AF_UNIX, bind_file, object, options);
  }
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  int failure = ::getaddrinfo(endpoint.host.c_str(), std::to_string(endpoint.port).c_str(), &hints, &found);
  if (failure != 0) throw Error(Fault::environment, "listen on", object, ::gai_strerror(failure));
  std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> list(found, &::freeaddrinfo);
  const auto bind_address = [&](int fd) {
    return attempt([&] { return ::bind(fd, list->ai_addr, list->ai_addrlen); });
  };
  return bind_and_listen(list->ai_family, bind_address, object, options);
}

Endpoint local_endpoint(int fd) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  check([&] { return ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length); }, "read the address of",
        "a socket");
  Endpoint endpoint;
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_UNIX) {
    endpoint.path = reinterpret_cast<sockaddr_un&>(address).sun_path;
  } else if (address.ss_family == AF_INET6) {
    auto& in6 = reinterpret_cast<sockaddr_in6&>(address);
    endpoint.host = ::inet_ntop(AF_INET6, &in6.sin6_addr, text, sizeof text);
    endpoint.port = ntohs(in6.sin6_port);
  } else {
    auto& in4 = reinterpret_cast<sockaddr_in&>(address);
    endpoint.host = ::inet_ntop(AF_INET, &in4.sin_addr, text, sizeof text);
    endpoint.port = ntohs(in4.sin_port);
  }
  return endpoint;
}

namespace {

rlim_t descriptor_limit() {
  rlimit limit{};
  return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : RLIM_INFINITY;
}

}  // namespace

std::size_t reserved_descriptors() { return std::min<rlim_t>(96, descriptor_limit() / 4); }

bool is_of_reserve(int fd) { return static_cast<rlim_t>(fd) >= descriptor_limit() - reserved_descriptors(); }

namespace {

int first_of_reserve() {
  return static_cast<int>(
      std::min<rlim_t>(descriptor_limit() - reserved_descriptors(), std::numeric_limits<int>::max()));
}

}  // namespace

unique_fd move_below_reserve(unique_fd of_reserve) {
  unique_fd moved(::fcntl(of_reserve.get(), F_DUPFD_CLOEXEC, 3));
  if (moved && is_of_reserve(moved.get())) moved.reset();
  return moved;
}

Listener::Listener(asio::io_context& io, const Endpoint& endpoint, const ListenOptions& options)
    : io_(&io), takes_reserve_(options.takes_reserve), acceptor_(io.get_executor()) {
  unique_fd fd = listen_on(endpoint, options);
  endpoint_ = local_endpoint(fd.get());
  if (endpoint_.is_unix()) file_ = SocketFile(endpoint_.path);
  int family = endpoint_.is_unix() ? AF_UNIX : endpoint_.host.find(':') == std::string::npos ? AF_INET : AF_INET6;
  acceptor_.assign(asio::generic::stream_protocol(family, 0), fd.release());
}

Listener::~Listener() { close(); }

void Listener::close() {
  if (!acceptor_.is_open()) return;
  error_code ignored;
  acceptor_.close(ignored);
  file_.remove();
}

// False: no number below the reserve is free. Whoever takes the reserve goes there, and leaves the numbers below.
bool Listener::find_place(Socket& accepted) {
  const int fd = accepted.native_handle();
  if (is_of_reserve(fd) == takes_reserve_) return true;
  unique_fd moved(::fcntl(fd, F_DUPFD_CLOEXEC, takes_reserve_ ? first_of_reserve() : 3));
  if (!moved) return takes_reserve_;
  if (is_of_reserve(moved.get()) != takes_reserve_) return false;
  error_code failed;
  const auto protocol = acceptor_.local_endpoint().protocol();
  accepted.close(failed);
  accepted = Socket(io_->get_executor());
  accepted.assign(protocol, moved.release(), failed);
  return !failed;
}

awaitable<std::optional<Socket>> Listener::accept(std::function<bool()> make_room) {
  while (acceptor_.is_open()) {
    Socket socket(io_->get_executor());
    auto [error] = co_await acceptor_.async_accept(socket, as_result);
    if (!error) {
      bool placed = find_place(socket);
      while (!placed && make_room) {
        make_room();
        placed = find_place(socket);
        if (placed) break;
        const bool still_open = co_await sleep_for(std::chrono::milliseconds(20));
        if (!still_open || !acceptor_.is_open()) co_return std::nullopt;
      }
      if (!placed) continue;
      if (!endpoint_.is_unix()) {
        int on = 1;
        ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      }
      co_return std::optional<Socket>(std::move(socket));
    }
    if (error == asio::error::operation_aborted) break;
    // The peer that gave up before we came is no trouble; a lack of descriptors or memory passes.
    if (error == asio::error::connection_aborted) continue;
    const bool short_of = error == asio::error::no_descriptors || error.value() == ENFILE;
    if (short_of && make_room) make_room();
    bool waited = co_await sleep_for(std::chrono::milliseconds(50));
    if (!waited) break;
  }
  co_return std::nullopt;
}

}  // namespace tandem::net
