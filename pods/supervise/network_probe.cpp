#include "pods/supervise/network_probe.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "core/os/check.hpp"
#include "pods/supervise/command_run.hpp"
#include "pods/supervise/http_text.hpp"

namespace tandem::supervise {
namespace {

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

// Names are not resolved: that would block, and kubelet's probes of a pod name addresses.
std::optional<Address> parse_address(const std::string& host, int port) {
  Address address;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
  const std::string literal = host == "localhost" ? "127.0.0.1" : host;
  if (::inet_pton(AF_INET, literal.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(static_cast<std::uint16_t>(port));
    address.size = sizeof *v4;
    return address;
  }
  if (::inet_pton(AF_INET6, literal.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(static_cast<std::uint16_t>(port));
    address.size = sizeof *v6;
    return address;
  }
  return std::nullopt;
}

}  // namespace

NetworkProbe::NetworkProbe(EventLoop& loop, const plan::Probe& probe, const std::string& pod_address, Done done)
    : loop_(loop), http_(probe.kind == plan::ProbeKind::http), done_(std::move(done)) {
  const std::string host = !probe.host.empty() ? probe.host : pod_address.empty() ? "127.0.0.1" : pod_address;
  target_ = host + ":" + std::to_string(probe.port);
  if (http_) {
    request_ = probe_request(host, probe.port, probe.path, probe.headers);
    target_ = "\"http://" + target_ + probe.path + "\"";
  }
  timer_ = loop_.after(probe.timeout, [this] {
    timer_ = 0;
    finish(false, (http_ ? "Get " + target_ : "dial tcp " + target_) + ": timed out");
  });
  connect(host, probe.port);
}

NetworkProbe::~NetworkProbe() {
  loop_.cancel(timer_);
  if (socket_) loop_.forget(socket_.get());
}

void NetworkProbe::connect(const std::string& host, int port) {
  const auto fail = [this](const std::string& why) {
    // Never from inside the constructor: the caller has not stored us yet.
    loop_.cancel(timer_);
    timer_ = loop_.after(std::chrono::milliseconds(0), [this, why] {
      timer_ = 0;
      finish(false, "dial tcp " + target_ + ": " + why);
    });
  };
  const auto address = parse_address(host, port);
  if (!address) return fail("not an IP address");
  const int fd =
      attempt([&] { return ::socket(address->storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); });
  if (fd < 0) return fail(std::strerror(-fd));
  socket_.reset(fd);
  // A reset instead of TIME_WAIT: a probe a second must not eat the pod's ports (kubelet does the same).
  const linger at_once{1, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  const int result =
      attempt([&] { return ::connect(fd, reinterpret_cast<const sockaddr*>(&address->storage), address->size); });
  if (result < 0 && result != -EINPROGRESS) return fail(std::strerror(-result));
  loop_.watch(fd, EPOLLOUT, [this](std::uint32_t) { on_connected(); });
}

void NetworkProbe::on_connected() {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error) return finish(false, "dial tcp " + target_ + ": " + std::strerror(error));
  if (!http_) return finish(true, "");
  on_writable();
}

void NetworkProbe::on_writable() {
  const auto count = attempt([&] { return ::send(socket_.get(), request_.data(), request_.size(), MSG_NOSIGNAL); });
  if (count < 0 && count != -EAGAIN) {
    return finish(false, "Get " + target_ + ": " + std::strerror(static_cast<int>(-count)));
  }
  if (count > 0) request_.erase(0, static_cast<std::size_t>(count));
  if (request_.empty()) {
    loop_.watch(socket_.get(), EPOLLIN, [this](std::uint32_t) { on_readable(); });
  } else {
    loop_.watch(socket_.get(), EPOLLOUT, [this](std::uint32_t) { on_writable(); });
  }
}

void NetworkProbe::on_readable() {
  std::array<char, 4096> bytes;
  const auto count = attempt([&] { return ::recv(socket_.get(), bytes.data(), bytes.size(), 0); });
  if (count == -EAGAIN) return;
  if (count > 0) response_.append(bytes.data(), static_cast<std::size_t>(count));
  const auto code = parse_status_code(response_);
  if (code && *code >= 200 && *code < 400) return finish(true, "");
  if (count > 0 && response_.size() < kept_output_bytes && !(code && body_of(response_).size() > 512)) return;
  if (code) return finish(false, "HTTP probe failed with statuscode: " + std::to_string(*code));
  finish(false, "Get " + target_ + ": " +
                    (count < 0           ? std::strerror(static_cast<int>(-count))
                     : response_.empty() ? "EOF"
                                         : "malformed HTTP response"));
}

void NetworkProbe::finish(bool ok, std::string output) {
  loop_.cancel(timer_);
  timer_ = 0;
  if (socket_) loop_.forget(socket_.get());
  const Done done = std::move(done_);
  done(ok, std::move(output));
}

}  // namespace tandem::supervise
