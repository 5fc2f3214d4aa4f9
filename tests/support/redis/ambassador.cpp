#include "tests/support/redis/ambassador.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

#include <stdexcept>

#include "core/os/check.hpp"
#include "core/os/files.hpp"

namespace tandem::test {

Ambassador::Ambassador(const std::string& backend, const std::string& more) : port_(free_port()) {
  do admin_port_ = free_port();
  while (admin_port_ == port_);
  write_config(backend, more);
  const std::vector<std::string> argv = {TANDEM_BINARY_DIR "/bin/tandem-redis", "--config", folder_ / "redis.yaml"};
  child_ = std::make_unique<Child>(argv, folder_ / "log");
  if (!wait_until([&] { return can_connect(port_) && can_connect(admin_port_); }))
    throw std::runtime_error("tandem-redis did not start: " + log());
}

void Ambassador::write_config(const std::string& backend, const std::string& more) const {
  write_file(folder_ / "redis.yaml", "listen: 127.0.0.1:" + std::to_string(port_) + "\n" + backend + "\n" + more +
                                         "\nadmin: {listen: \"127.0.0.1:" + std::to_string(admin_port_) + "\"}\n");
}

bool Ambassador::reload(const std::string& backend, const std::string& more) {
  const auto count = [&](const char* result) {
    return metric(std::string("tandem_config_reloads_total{result=\"") + result + "\"}");
  };
  const double taken = count("taken"), refused = count("refused");
  write_config(backend, more);
  ::kill(child_->pid(), SIGHUP);
  wait_until([&] { return count("taken") + count("refused") > taken + refused; });
  return count("taken") > taken;
}

std::string Ambassador::cluster(const std::vector<std::string>& seeds) {
  std::string text = "cluster: {seeds: [";
  for (const std::string& seed : seeds) text += "\"" + seed + "\", ";
  return text + "]}";
}

std::string Ambassador::http_get(const std::string& path) const {
  const unique_fd fd(check([] { return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); }, "open a socket"));
  const timeval limit{10, 0};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(admin_port_));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  check([&] { return ::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address); }, "connect");
  write_all(fd.get(), "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "admin port");
  std::string response;
  char bytes[8192];
  for (;;) {
    const auto n = check([&] { return ::recv(fd.get(), bytes, sizeof bytes, 0); }, "recv");
    if (n == 0) return response;
    response.append(bytes, static_cast<std::size_t>(n));
  }
}

std::string Ambassador::readyz() const { return http_get("/readyz"); }

bool Ambassador::wait_ready(bool ready) const {
  return wait_until([&] { return readyz().starts_with(ready ? "HTTP/1.1 200" : "HTTP/1.1 503"); });
}

double Ambassador::metric(const std::string& series) const {
  const std::string text = http_get("/metrics");
  const std::size_t at = text.find("\n" + series + " ");
  return at == text.npos ? 0 : std::stod(text.substr(at + series.size() + 2));
}

std::string Ambassador::log() const { return read_file_if_exists(folder_ / "log").value_or(""); }

}  // namespace tandem::test
