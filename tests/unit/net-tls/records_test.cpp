// Records that carry no data, and very small ones: they cost a connection its turn, or its end, and no other one's.
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <thread>

#include "core/net/tls.hpp"
#include "core/net/tls_server.hpp"
#include "core/os/check.hpp"
#include "tests/unit/net-tls/tls_server.hpp"
#include "tests/unit/net/on_loop.hpp"

using namespace tandem;
using namespace tandem::net;
using namespace tandem::test;
using namespace std::chrono_literals;

namespace {

using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using Ssl = std::unique_ptr<SSL, decltype(&SSL_free)>;

bool update_key(SSL* ssl) {
  return SSL_key_update(ssl, SSL_KEY_UPDATE_NOT_REQUESTED) == 1 && SSL_do_handshake(ssl) == 1;
}

// A session with OpenSSL's own client, which does `talk` in a thread after the handshake.
class Talk {
 public:
  explicit Talk(std::function<void(SSL*)> talk) {
    std::signal(SIGPIPE, SIG_IGN);
    const Authority ours(folder_.path(), "ours");
    const CertificateFiles own = ours.issue({"server", {"127.0.0.1"}});
    TlsServerSettings settings;
    settings.cert_file = own.certificate;
    settings.key_file = own.key;
    int pair[2];
    check([&] { return ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair); }, "make", "a socket pair");
    server_ = unique_fd(pair[0]);
    client_ = unique_fd(pair[1]);
    TlsAcceptor acceptor(settings);
    session = acceptor.accept(pair[0]);
    thread_ = std::thread([talk = std::move(talk), fd = pair[1]] {
      const Context context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
      const Ssl ssl(SSL_new(context.get()), SSL_free);
      SSL_set_fd(ssl.get(), fd);
      if (SSL_connect(ssl.get()) == 1) talk(ssl.get());
      ::shutdown(fd, SHUT_RDWR);
    });
    until([&] { return session->try_handshake(); });
  }
  ~Talk() {
    ::shutdown(client_.get(), SHUT_RDWR);
    thread_.join();
  }
  Tried until(const std::function<Tried()>& attempt) {
    for (;;) {
      Tried tried = attempt();
      if (tried.state != Tried::State::wants_read) return tried;
      pollfd waiting{server_.get(), POLLIN, 0};
      if (::poll(&waiting, 1, 20'000) != 1) return Tried(std::string("nothing came"));
    }
  }
  // What one turn reads, and how it ended.
  std::size_t turn(Tried& last) {
    std::size_t bytes = 0;
    char buffer[16 * 1024];
    session->begin_turn();
    for (;;) {
      last = session->try_read(buffer, sizeof buffer);
      if (last.state != Tried::State::done) return bytes;
      bytes += last.bytes;
    }
  }
  void wait_for_bytes() const {
    pollfd waiting{server_.get(), POLLIN, 0};
    ::poll(&waiting, 1, 20'000);
  }

  std::unique_ptr<TlsSession> session;

 private:
  TemporaryDirectory folder_;
  unique_fd server_, client_;
  std::thread thread_;
};

}  // namespace

TEST_CASE("a turn reads a bounded number of records, and all of them come in the end") {
  const int messages = 2000, updates = GENERATE(0, 10);
  CAPTURE(updates);
  Talk talk([updates, messages](SSL* ssl) {
    for (int i = 0; i < messages; ++i) {
      for (int update = 0; update < updates; ++update)
        if (!update_key(ssl)) return;
      if (SSL_write(ssl, "x", 1) != 1) return;
    }
    SSL_shutdown(ssl);
  });
  std::size_t all = 0, most = 0;
  Tried last;
  do {
    talk.wait_for_bytes();
    const std::size_t bytes = talk.turn(last);
    most = std::max(most, bytes);
    all += bytes;
  } while (last.state == Tried::State::wants_read);
  CHECK(last.state == Tried::State::ended);
  CHECK(all == messages);
  CHECK(most <= 128 / static_cast<std::size_t>(updates + 1) + 1);
}

TEST_CASE("a sender that goes on with records without data is ended") {
  std::atomic<int> sent{0};
  Talk talk([&](SSL* ssl) {
    while (sent < 100'000 && update_key(ssl)) ++sent;
  });
  char buffer[100];
  const Tried last = talk.until([&] { return talk.session->try_read(buffer, sizeof buffer); });
  CHECK(last.error == "it sends records without data");
  CHECK(talk.session->is_noisy());
}

namespace {

awaitable<void> read_into(Connector* connector, Endpoint endpoint, Tried* last) {
  auto opened = co_await connector->open(std::move(endpoint), 10s);
  REQUIRE(opened.ok());
  char buffer[100];
  *last = co_await read_some(opened.stream.get(), buffer, sizeof buffer);
}

}  // namespace

TEST_CASE("a server that goes on with records without data is left") {
  const TemporaryDirectory folder;
  const Authority ours(folder.path(), "ours");
  const CertificateFiles own = ours.issue({"server", {"127.0.0.1"}});
  std::signal(SIGPIPE, SIG_IGN);
  int port = 0;
  const unique_fd listener = listen_on_loopback(port);
  std::thread server([&] {
    const unique_fd connection(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    const Context context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    SSL_CTX_use_certificate_chain_file(context.get(), own.certificate.c_str());
    SSL_CTX_use_PrivateKey_file(context.get(), own.key.c_str(), SSL_FILETYPE_PEM);
    const Ssl ssl(SSL_new(context.get()), SSL_free);
    SSL_set_fd(ssl.get(), connection.get());
    if (SSL_accept(ssl.get()) != 1) return;
    for (int i = 0; i < 100'000 && update_key(ssl.get()); ++i) {
    }
    SSL_write(ssl.get(), "late", 4);
  });
  TlsSettings settings;
  settings.ca_file = ours.file();
  const auto connector = make_tls_connector(settings, TlsUse::http);
  asio::io_context io;
  Tried last;
  on_loop(io, read_into(connector.get(), Endpoint("127.0.0.1", static_cast<std::uint16_t>(port)), &last), 60s);
  ::shutdown(listener.get(), SHUT_RDWR);
  server.join();
  CHECK(last.error == "it sends records without data");
}
