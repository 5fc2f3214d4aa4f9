// A TLS server in a thread of its own, that behaves as a test wants it.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <thread>

#include "core/os/unique_fd.hpp"
#include "tests/support/certificates.hpp"

namespace tandem::test {

struct TlsServerWish {
  CertificateFiles own;
  std::string client_ca = {};  // a client must show a certificate that it signed; "": need not
  bool tls12 = false;          // no TLS 1.3
  bool tickets = true;         // sends session tickets, as servers do unless told otherwise
};

// What a connection is served with: takes what was read so far, returns what to write; "" writes nothing.
using Answer = std::function<std::string(const std::string& all)>;

class TlsServer {
 public:
  enum class Close { with_notify, without_notify, keep_open };
  // Takes one connection after the other; with an answer given it closes as told, keep_open until the client does.
  TlsServer(TlsServerWish wish, Answer answer, Close close = Close::keep_open);
  ~TlsServer();
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  int port() const { return port_; }
  int connections() const { return connections_; }
  int notified() const { return notified_; }  // clients that closed with close_notify

 private:
  void serve();
  void take(int connection);

  TlsServerWish wish_;
  Answer answer_;
  Close close_;
  int port_ = 0;
  unique_fd listener_;
  std::atomic<int> open_{-1}, connections_{0}, notified_{0};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

// Listens, takes connections and says `greeting` at once (nothing, when it is ""), and no more until the end of the
// scope.
class MuteServer {
 public:
  explicit MuteServer(std::string greeting = "");
  ~MuteServer();
  MuteServer(const MuteServer&) = delete;
  MuteServer& operator=(const MuteServer&) = delete;
  int port() const { return port_; }

 private:
  int port_ = 0;
  unique_fd listener_;
  std::thread thread_;
};

unique_fd listen_on_loopback(int& port);

}  // namespace tandem::test
