// The key `tls` of sinks that connect somewhere.
#pragma once

#include "core/net/tls.hpp"
#include "core/run/config_keys.hpp"

namespace tandem {
class Reader;
}

namespace tandem::shipper {

const run::ConfigTable& tls_keys();  // tls.caFile and so on; read with net::read_tls()

// What a sink that has `tls` or not connects with: `tls: {}` is TLS that trusts the system's authorities.
struct ConnectionSettings {
  bool with_tls = false;
  net::TlsSettings tls;

  std::shared_ptr<net::Connector> make(net::TlsUse use) const;
};
ConnectionSettings read_connection(Reader& item);

}  // namespace tandem::shipper
