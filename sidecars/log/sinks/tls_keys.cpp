#include "sidecars/log/sinks/tls_keys.hpp"

#include "core/net/tls_config.hpp"

namespace tandem::shipper {

const run::ConfigTable& tls_keys() {
  static const run::ConfigTable keys = {
      {"tls.caFile", "path", "", "PEM: who is trusted; absent: the system's authorities. TLS 1.2 or later."},
      {"tls.certFile", "path", "", "PEM: our certificate, for a server that asks. Read again when it changes."},
      {"tls.keyFile", "path", "", "PEM: its key, without a passphrase. Read again when it changes."},
      {"tls.serverName", "string", "", "The name in the server's certificate; absent: the host connected to."},
      {"tls.insecureSkipVerify", "boolean", "false", "Trust whoever answers."},
  };
  return keys;
}

std::shared_ptr<net::Connector> ConnectionSettings::make(net::TlsUse use) const {
  return with_tls ? net::make_tls_connector(tls, use) : net::plain_connector();
}

ConnectionSettings read_connection(Reader& item) {
  ConnectionSettings settings;
  settings.with_tls = item.has("tls");
  settings.tls = net::read_tls(item);
  return settings;
}

}  // namespace tandem::shipper
