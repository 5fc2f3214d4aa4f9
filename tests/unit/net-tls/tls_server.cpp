#include "tests/unit/net-tls/tls_server.hpp"

#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <csignal>
#include <memory>
#include <vector>

#include "core/os/check.hpp"

namespace tandem::test {

unique_fd listen_on_loopback(int& port) {
  unique_fd socket(check([] { return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); }, "make a socket"));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  check([&] { return ::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size); }, "bind");
  check([&] { return ::listen(socket.get(), 8); }, "listen");
  check([&] { return ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size); }, "getsockname");
  port = ntohs(address.sin_port);
  return socket;
}

TlsServer::TlsServer(TlsServerWish wish, Answer answer, Close close)
    : wish_(std::move(wish)), answer_(std::move(answer)), close_(close), listener_(listen_on_loopback(port_)) {
  std::signal(SIGPIPE, SIG_IGN);  // of this side: OpenSSL's own socket BIO writes with write(2)
  thread_ = std::thread([this] { serve(); });
}

TlsServer::~TlsServer() {
  stopping_ = true;
  ::shutdown(listener_.get(), SHUT_RDWR);
  if (const int open = open_; open >= 0) ::shutdown(open, SHUT_RDWR);
  thread_.join();
}

void TlsServer::serve() {
  while (!stopping_) {
    const unique_fd connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!connection) return;
    open_ = connection.get();
    ++connections_;
    take(connection.get());
    open_ = -1;
  }
}

void TlsServer::take(int connection) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  SSL_CTX_use_certificate_chain_file(context.get(), wish_.own.certificate.c_str());
  SSL_CTX_use_PrivateKey_file(context.get(), wish_.own.key.c_str(), SSL_FILETYPE_PEM);
  if (wish_.tls12) SSL_CTX_set_max_proto_version(context.get(), TLS1_2_VERSION);
  if (!wish_.tickets) SSL_CTX_set_num_tickets(context.get(), 0);
  if (!wish_.client_ca.empty()) {
    SSL_CTX_load_verify_file(context.get(), wish_.client_ca.c_str());
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    SSL_CTX_set_session_id_context(context.get(), reinterpret_cast<const unsigned char*>("t"), 1);
  }
  const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), SSL_free);
  SSL_set_fd(ssl.get(), connection);
  if (SSL_accept(ssl.get()) == 1) {
    std::string all;
    char buffer[16 * 1024];
    int count = 0;
    while ((count = SSL_read(ssl.get(), buffer, sizeof buffer)) > 0) {
      all.append(buffer, static_cast<std::size_t>(count));
      const std::string answer = answer_ ? answer_(all) : "";
      if (answer.empty()) continue;
      all.clear();
      SSL_write(ssl.get(), answer.data(), static_cast<int>(answer.size()));
      if (close_ == Close::with_notify) SSL_shutdown(ssl.get());
      if (close_ != Close::keep_open) break;
    }
    if (count <= 0 && SSL_get_error(ssl.get(), count) == SSL_ERROR_ZERO_RETURN) ++notified_;
  }
  ERR_clear_error();
}

MuteServer::MuteServer(std::string greeting) : listener_(listen_on_loopback(port_)) {
  thread_ = std::thread([this, greeting] {
    std::vector<unique_fd> taken;
    for (;;) {
      unique_fd connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!connection) return;
      if (!greeting.empty()) ::send(connection.get(), greeting.data(), greeting.size(), MSG_NOSIGNAL);
      taken.push_back(std::move(connection));
    }
  });
}

MuteServer::~MuteServer() {
  ::shutdown(listener_.get(), SHUT_RDWR);
  thread_.join();
}

}  // namespace tandem::test
