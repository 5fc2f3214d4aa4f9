#include "tests/integration/network/own_namespaces.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cerrno>
#include <cstring>

#include "core/os/files.hpp"
#include "core/os/process.hpp"
#include "pods/network/firewall.hpp"
#include "pods/network/links.hpp"
#include "pods/network/network.hpp"
#include "tests/support/skip.hpp"

namespace tandem::test {

std::string reason_to_skip() {
  if (!is_root()) return "needs root for network namespaces";
  if (!network::find_nft()) return "needs nftables";
  if (::access("/usr/bin/getent", X_OK) != 0 || ::access("/sbin/ip", X_OK) != 0) return "needs getent and ip";
  if (::unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) return std::string("no namespaces here: ") + std::strerror(errno);
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return "mounts cannot be made private";
  network::Links().set_up("lo");
  return "";
}

OwnNetwork::OwnNetwork() {
  const unique_fd home = open_file("/proc/thread-self/ns/net", O_RDONLY);
  REQUIRE(::unshare(CLONE_NEWNET) == 0);
  namespace_ = open_file("/proc/thread-self/ns/net", O_RDONLY);
  REQUIRE(::setns(home.get(), CLONE_NEWNET) == 0);
}

std::string OwnNetwork::path() const {
  return "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(namespace_.get());
}

FakePod::FakePod(int number) {
  plan.id = "aaaaaaaaaa" + std::to_string(10 + number % 90);
  plan.network.mode = plan::NetworkMode::bridge;
  plan.network.bridge = bridge;
  plan.network.gateway = gateway;
  plan.network.prefix_length = 16;
  plan.network.address = "10.83.0." + std::to_string(number);
  plan.network.interface_host = "td" + plan.id;
  plan.network.name_server = network::name_server_address;
}

namespace {

void clean() {
  for (const std::string& name : interfaces()) network::Links().remove(name);
  for (const std::string family : {"ip", "bridge"})
    if (network::has_table(family, table)) network::apply_rules("delete table " + family + " " + table + "\n");
}

sockaddr_in to_address(const std::string& address, int port) {
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_port = htons(static_cast<std::uint16_t>(port));
  REQUIRE(::inet_pton(AF_INET, address.c_str(), &in.sin_addr) == 1);
  return in;
}

unique_fd connect_to(const std::string& address, int port, std::chrono::milliseconds limit) {
  unique_fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const sockaddr_in to = to_address(address, port);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0) return fd;
  if (errno != EINPROGRESS) return {};
  pollfd wait{fd.get(), POLLOUT, 0};
  int error = ETIMEDOUT;
  socklen_t size = sizeof error;
  if (::poll(&wait, 1, static_cast<int>(limit.count())) == 1) {
    ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  }
  return error == 0 ? std::move(fd) : unique_fd();
}

}  // namespace

CleanHost::CleanHost() { clean(); }
CleanHost::~CleanHost() { clean(); }

std::string run(const std::vector<std::string>& argv) {
  const auto result = run_command(argv);
  INFO(argv.front() << ": " << result.errors);
  REQUIRE(result.status == ExitStatus{});
  return result.output;
}

std::vector<std::string> interfaces() {
  std::vector<std::string> names;
  struct if_nameindex* all = ::if_nameindex();
  for (auto* each = all; each->if_index != 0; ++each) {
    // A kernel may put devices of its own into every new namespace (ifb0, sit0, tunl0): they are down.
    const std::string name = each->if_name;
    if (name.starts_with("td") || name.starts_with("tandem") || name.starts_with("outside")) names.push_back(name);
  }
  ::if_freenameindex(all);
  return names;
}

unique_fd listen_on(const std::string& address, int port) {
  unique_fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in at = to_address(address, port);
  REQUIRE(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0);
  REQUIRE(::listen(fd.get(), 16) == 0);
  return fd;
}

std::optional<std::string> connect_and_accept(const std::string& address, int port, const unique_fd& listener) {
  const unique_fd client = connect_to(address, port, std::chrono::seconds(20));
  if (!client) return std::nullopt;
  pollfd wait{listener.get(), POLLIN, 0};
  if (::poll(&wait, 1, 20'000) != 1) return std::nullopt;
  sockaddr_in from{};
  socklen_t size = sizeof from;
  const unique_fd accepted(::accept(listener.get(), reinterpret_cast<sockaddr*>(&from), &size));
  REQUIRE(accepted);
  char text[INET_ADDRSTRLEN];
  return ::inet_ntop(AF_INET, &from.sin_addr, text, sizeof text);
}

bool can_connect(const std::string& address, int port, std::chrono::milliseconds limit) {
  return static_cast<bool>(connect_to(address, port, limit));
}

unique_fd datagram_socket(const std::string& address, int port) {
  unique_fd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const sockaddr_in at = to_address(address, port);
  REQUIRE(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0);
  return fd;
}

void send_datagram(const std::string& address, int port, const std::string& text) {
  const unique_fd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const sockaddr_in to = to_address(address, port);
  REQUIRE(::sendto(fd.get(), text.data(), text.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to) ==
          static_cast<ssize_t>(text.size()));
}

std::string receive_datagram(const unique_fd& socket) {
  pollfd wait{socket.get(), POLLIN, 0};
  if (::poll(&wait, 1, 2000) != 1) return "";
  char buffer[256];
  const auto count = ::recv(socket.get(), buffer, sizeof buffer, 0);
  return std::string(buffer, static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
}

}  // namespace tandem::test
