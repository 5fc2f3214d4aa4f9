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
  // OpenSSL reads on by itself while records come that carry no data (key updates, empty ones), and another connection
  // waits meanwhile. So one turn of the loop reads so many records at most, and says then that it would have to wait.
  static constexpr int most_records_at_once = 128, most_records_without_data = 32;
  int reads = 0;                 // in this turn; a record takes two, of its head and of the rest
  int records_without_data = 0;  // since the last byte of data to or from it, after the handshake
  bool noisy = false;            // there were too many of those: nothing more is read
};

// From a message callback (SSL_set_msg_callback), after the handshake.
void count_record(TlsWire& wire, int write, int content_type);

// Neither is owned; the wire must outlive the connection.
void put_on_wire(ssl_st* connection, TlsWire& wire);

}  // namespace tandem::net
