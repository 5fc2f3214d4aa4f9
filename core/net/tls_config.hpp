// TLS settings as they stand in a config.
#pragma once

#include "core/config/reader.hpp"
#include "core/net/tls.hpp"
#include "core/net/tls_server.hpp"

namespace tandem::net {

// `tls: {caFile, certFile, keyFile, serverName, insecureSkipVerify}` of `owner`; absent: the defaults. The files are
// read, so that --check says what is wrong with them.
TlsSettings read_tls(Reader& owner);

// `tls: {certFile, keyFile, clientCaFile}` of an owner that listens; the files are read.
TlsServerSettings read_tls_server(Reader& owner);

}  // namespace tandem::net
