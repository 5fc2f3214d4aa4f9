// TLS settings as they stand in a config.
#pragma once

#include "core/config/reader.hpp"
#include "core/net/tls.hpp"

namespace tandem::net {

// `tls: {caFile, certFile, keyFile, serverName, insecureSkipVerify}` of `owner`; absent: the defaults. The files are
// read, so that --check says what is wrong with them.
TlsSettings read_tls(Reader& owner);

}  // namespace tandem::net
