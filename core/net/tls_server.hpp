// TLS for incoming connections, 1.2 or later; of the library tandem::net-tls.
#pragma once

#include <memory>
#include <string>

#include "core/net/byte_stream.hpp"
#include "core/net/tls.hpp"

struct ssl_ctx_st;

namespace tandem::net {

class TlsServerSettings {
 public:
  TlsServerSettings() = default;
  bool operator==(const TlsServerSettings&) const = default;

  std::string cert_file;       // PEM: our certificate and what signed it
  std::string key_file;        // PEM, without a passphrase
  std::string client_ca_file;  // PEM: who must have signed a client's certificate; "": clients need none
};

// As check_tls(); `key` is "certFile", "keyFile" or "clientCaFile".
TlsProblem check_tls_server(const TlsServerSettings& settings);

// One connection on a socket that the caller owns, waits for, and closes after this.
class TlsSession {
 public:
  virtual ~TlsSession() = default;                         // says close_notify
  virtual Tried try_handshake() = 0;                       // done, wants_* or failed
  virtual Tried try_read(char* to, std::size_t room) = 0;  // after it; with room for 16 KiB nothing stays behind unseen
  // From here on a bounded number of records is read, then try_read() says wants_read whatever has come.
  virtual void begin_turn() = 0;
  virtual bool is_noisy() const = 0;    // it failed as it sent record after record without data
  virtual bool was_silent() const = 0;  // the other side has not sent a byte
};

class TlsAcceptor {
 public:
  explicit TlsAcceptor(TlsServerSettings settings);
  // Files that have changed are read first; while the new ones are unusable the old ones stay in force. nullptr: there
  // are none that can be used.
  std::unique_ptr<TlsSession> accept(int connected);
  const std::string& problem() const { return problem_; }  // with the files as they are; "": none

 private:
  void read_files();

  TlsSettings files_;
  std::string version_, problem_;
  std::shared_ptr<ssl_ctx_st> context_;
};

}  // namespace tandem::net
