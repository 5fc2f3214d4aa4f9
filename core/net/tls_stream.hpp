// One TLS connection as a ByteStream.
#pragma once

#include <memory>
#include <string>

#include "core/net/byte_stream.hpp"
#include "core/net/tls.hpp"

struct ssl_ctx_st;

namespace tandem::net {

class TlsStream : public ByteStream {
 public:
  virtual Tried try_handshake() = 0;  // done, wants_* or failed; nothing may be read or written before it is done
  // The server asked for a certificate and has not yet shown that it accepts ours (TLS 1.3).
  virtual bool is_on_trial() const = 0;
};

// The socket is connected to `host`, which the server's certificate must be for unless the settings name another.
std::unique_ptr<TlsStream> make_tls_stream(Socket connected, std::shared_ptr<ssl_ctx_st> context,
                                           const TlsSettings& settings, const std::string& host, TlsUse use);

}  // namespace tandem::net
