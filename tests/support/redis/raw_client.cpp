#include "tests/support/redis/raw_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <stdexcept>

#include "core/os/check.hpp"

namespace tandem::test {

std::string request(const std::vector<std::string>& args) {
  std::string out = "*" + std::to_string(args.size()) + "\r\n";
  for (const std::string& arg : args) out += "$" + std::to_string(arg.size()) + "\r\n" + arg + "\r\n";
  return out;
}

std::string bulk_text(std::string_view reply) {
  redis::Reply tree;
  if (!redis::parse_reply(reply, tree) || tree.kind != redis::Reply::Kind::bulk) return std::string(reply);
  return std::string(tree.text);
}

RawClient::RawClient(int port, std::chrono::milliseconds limit) : limit_(limit) {
  fd_.reset(check([] { return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); }, "open a socket"));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  check([&] { return ::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address); }, "connect to",
        std::to_string(port));
}

bool RawClient::wait_for(short events) {
  pollfd one{fd_.get(), events, 0};
  return check([&] { return ::poll(&one, 1, static_cast<int>(limit_.count())); }, "poll") > 0;
}

void RawClient::write(std::string_view bytes) {
  while (!bytes.empty()) {
    if (!wait_for(POLLOUT)) throw std::runtime_error("the peer does not read");
    const auto n = check([&] { return ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL); }, "send");
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

void RawClient::receive() {
  char bytes[65536];
  const auto n = check([&] { return ::recv(fd_.get(), bytes, sizeof bytes, 0); }, "recv");
  if (n == 0) throw std::runtime_error("the peer closed the connection");
  buffer_.append(bytes, static_cast<std::size_t>(n));
}

std::string RawClient::read_reply() {
  for (;;) {
    const auto result = scanner_.next(std::string_view(buffer_).substr(begin_));
    if (result == redis::ReplyScanner::Result::error)
      throw std::runtime_error("no RESP: " + buffer_.substr(begin_, 80));
    if (result == redis::ReplyScanner::Result::complete) break;
    if (!wait_for(POLLIN)) throw std::runtime_error("no reply within the limit");
    receive();
  }
  std::string reply = buffer_.substr(begin_, scanner_.size());
  begin_ += reply.size();
  if (begin_ == buffer_.size()) buffer_.clear(), begin_ = 0;
  return reply;
}

std::vector<std::string> RawClient::pipeline(std::string_view requests, std::size_t replies) {
  while (!requests.empty()) {
    if (!wait_for(POLLIN | POLLOUT)) throw std::runtime_error("the peer neither reads nor writes");
    const auto n =
        attempt([&] { return ::send(fd_.get(), requests.data(), requests.size(), MSG_NOSIGNAL | MSG_DONTWAIT); });
    if (n > 0) requests.remove_prefix(static_cast<std::size_t>(n));
    pollfd one{fd_.get(), POLLIN, 0};
    if (::poll(&one, 1, 0) > 0) receive();
  }
  std::vector<std::string> all;
  for (std::size_t i = 0; i < replies; ++i) all.push_back(read_reply());
  return all;
}

bool RawClient::closed() {
  char bytes[4096];
  for (;;) {
    if (!wait_for(POLLIN)) return false;
    const auto n = attempt([&] { return ::recv(fd_.get(), bytes, sizeof bytes, 0); });
    if (n <= 0) return true;
  }
}

void RawClient::shut_writing() { ::shutdown(fd_.get(), SHUT_WR); }

}  // namespace tandem::test
