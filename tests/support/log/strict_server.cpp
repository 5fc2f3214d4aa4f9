#include "tests/support/log/strict_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <sstream>

#include "core/os/check.hpp"

namespace tandem::test {
namespace {

constexpr std::size_t largest_body = 64u << 20;

std::string unpack_gzip(const std::string& bytes) {
  z_stream stream{};
  ::inflateInit2(&stream, 16 + MAX_WBITS);
  std::string out(largest_body, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const bool whole = ::inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_in == 0;
  out.resize(whole ? stream.total_out : 0);
  ::inflateEnd(&stream);
  return out;
}

std::string unpack_zstd(const std::string& bytes) {
  std::string out(largest_body, '\0');
  const auto size = ::ZSTD_decompress(out.data(), out.size(), bytes.data(), bytes.size());
  out.resize(::ZSTD_isError(size) ? 0 : size);
  return out;
}

}  // namespace

StrictServer::StrictServer(std::function<HttpReply(const HttpCall&)> serve)
    : serve_(std::move(serve)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  check([&] { return ::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address); }, "bind");
  check([&] { return ::listen(listener_.get(), 64); }, "listen");
  socklen_t length = sizeof address;
  ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &length);
  port_ = ntohs(address.sin_port);
  threads_.emplace_back([this] { accept_all(); });
}

StrictServer::~StrictServer() {
  stopping_ = true;
  ::shutdown(listener_.get(), SHUT_RDWR);
  threads_.front().join();
  {
    const std::lock_guard lock(mutex_);
    for (const int connection : open_) ::shutdown(connection, SHUT_RDWR);
  }
  for (std::size_t i = 1; i < threads_.size(); ++i) threads_[i].join();
}

void StrictServer::accept_all() {
  while (!stopping_) {
    const int connection = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) return;
    const std::lock_guard lock(mutex_);
    open_.insert(connection);
    threads_.emplace_back([this, connection] {
      serve_connection(connection);
      const std::lock_guard inner(mutex_);
      open_.erase(connection);
      ::close(connection);
    });
  }
}

bool StrictServer::unpack(HttpCall& call) {
  const std::string encoding = call.header("content-encoding");
  if (encoding.empty()) return true;
  if (encoding == "gzip") call.body = unpack_gzip(call.body);
  if (encoding == "zstd") call.body = unpack_zstd(call.body);
  if (!call.body.empty() && (encoding == "gzip" || encoding == "zstd")) return true;
  complain("a body that is not " + encoding);
  return false;
}

void StrictServer::serve_connection(int connection) {
  std::string bytes;
  char buffer[64 * 1024];
  const auto more = [&] {
    const auto count = ::recv(connection, buffer, sizeof buffer, 0);
    if (count > 0) bytes.append(buffer, static_cast<std::size_t>(count));
    return count > 0;
  };
  for (;;) {
    std::size_t end;
    while ((end = bytes.find("\r\n\r\n")) == std::string::npos)
      if (!more()) return;
    HttpCall call;
    std::istringstream head(bytes.substr(0, end + 2));
    bytes.erase(0, end + 4);
    std::string line, version;
    std::getline(head, line);
    std::istringstream(line) >> call.method >> call.target >> version;
    if (version != "HTTP/1.1" || !line.ends_with('\r')) return complain("request line: " + line);
    while (std::getline(head, line)) {
      const auto colon = line.find(": ");
      if (colon == std::string::npos || !line.ends_with('\r')) return complain("header: " + line);
      std::string name = line.substr(0, colon);
      std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
      if (!call.headers.emplace(name, line.substr(colon + 2, line.size() - colon - 3)).second)
        complain("the header " + name + " comes twice");
    }
    if (call.header("host").empty()) complain("no Host");
    if (call.header("content-length").empty()) return complain("no Content-Length");
    const std::size_t wanted = std::stoul(call.header("content-length"));
    while (bytes.size() < wanted)
      if (!more()) return;
    call.body = call.sent = bytes.substr(0, wanted);
    bytes.erase(0, wanted);
    ++calls_;
    if (!unpack(call)) return;
    HttpReply reply;
    {
      const std::lock_guard lock(serving_);
      reply = serve_(call);
    }
    if (reply.unanswered) return;
    std::string answer = "HTTP/1.1 " + std::to_string(reply.status) + " X\r\n" + reply.more;
    if (reply.status != 204)
      answer += "Content-Type: " + reply.type + "\r\nContent-Length: " + std::to_string(reply.body.size()) + "\r\n";
    answer += "\r\n" + reply.body;
    if (::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) return;
  }
}

void StrictServer::complain(std::string what) {
  const std::lock_guard lock(complaining_);
  if (complaints_.size() < 20) complaints_.push_back(std::move(what));
}

std::vector<std::string> StrictServer::complaints() const {
  const std::lock_guard lock(complaining_);
  return complaints_;
}

}  // namespace tandem::test
