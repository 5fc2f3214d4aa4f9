// What OpenSSL reads and writes through: a BIO of our own over a socket. No copy of the ciphertext is kept between
// them, a broken connection is no SIGPIPE, and what the kernel was given is counted.
#pragma once

#include <cstdint>

struct ssl_st;  // OpenSSL's SSL

namespace tandem::net {

struct TlsWire {
  int fd = -1;
  std::uint64_t written = 0, received = 0;  // bytes
  int error = 0;                            // errno of what broke it
  bool ended = false;                       // by the other side
};

// Neither is owned; the wire must outlive the connection.
void put_on_wire(ssl_st* connection, TlsWire& wire);

}  // namespace tandem::net
