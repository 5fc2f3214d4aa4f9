// OpenSSL's context made of settings.
#pragma once

#include <memory>
#include <string>

#include "core/net/tls.hpp"

struct ssl_ctx_st;  // OpenSSL's SSL_CTX

namespace tandem::net {

struct TlsContext {
  std::shared_ptr<ssl_ctx_st> context;  // nullptr: there is a problem
  TlsProblem problem;
};

TlsContext load_tls_context(const TlsSettings& settings);

// For who listens: caFile is who must have signed a client's certificate; "": clients need none. A problem with it is
// one of "clientCaFile".
TlsContext load_server_context(const TlsSettings& settings);

// Unlike before when one of the files was replaced or written to.
std::string files_version(const TlsSettings& settings);

}  // namespace tandem::net
