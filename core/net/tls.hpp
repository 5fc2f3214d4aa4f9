// TLS for outgoing connections: what a person sets, how it is checked, and connections made of it. Needs libssl; the
// library is tandem::net-tls, and nothing else in core links it.
#pragma once

#include <memory>
#include <string>

#include "core/net/byte_stream.hpp"

namespace tandem::net {

// As Prometheus' tls_config has it. The least version is TLS 1.2.
class TlsSettings {
 public:
  TlsSettings() = default;
  bool operator==(const TlsSettings&) const = default;

  std::string ca_file;                // PEM: who is trusted; "": the system's
  std::string cert_file;              // PEM: our certificate and what signed it, for a server that asks; "": none
  std::string key_file;               // PEM, without a passphrase; with cert_file or not at all
  std::string server_name;            // what the certificate must be for, and SNI; "": the host that is connected to
  bool insecure_skip_verify = false;  // anybody may answer
};

// What is wrong with the files: unreadable, no PEM, a key that is of another certificate. `key` is the config key:
// "caFile", "certFile" or "keyFile"; "" when all is well. That a certificate has expired is not wrong here: it may be
// replaced while the program runs.
class TlsProblem {
 public:
  TlsProblem() = default;
  TlsProblem(std::string its_key, std::string text) : key(std::move(its_key)), message(std::move(text)) {}
  std::string key, message;
};
TlsProblem check_tls(const TlsSettings& settings);

enum class TlsUse {
  http,     // says so to the server (ALPN http/1.1)
  one_way,  // the server never answers. In TLS 1.3 it judges our certificate after our handshake is over: so where it
            // asks for one, open() waits until the server has accepted or refused it, or has been silent for a second.
};

// Connections with TLS; the server's certificate and name are verified. Files that have changed are read again at the
// next connection; while the new ones are unusable (half of a pair was replaced), the old ones stay in force. Errors
// are like "TLS to logs:6514: certificate has expired (CN=logs, on 2026-01-31T00:00:00Z)". A stream that is destroyed
// says close_notify (RFC 8446, section 6.1).
std::shared_ptr<Connector> make_tls_connector(TlsSettings settings, TlsUse use);

}  // namespace tandem::net
