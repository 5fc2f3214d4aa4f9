#include "core/net/tls_wire.hpp"

#include <openssl/ssl.h>
#include <sys/socket.h>

#include <cerrno>
#include <new>

namespace tandem::net {
namespace {

TlsWire* wire_of(BIO* bio) { return static_cast<TlsWire*>(BIO_get_data(bio)); }

bool may_try_again(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

int wire_write(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  TlsWire* const wire = wire_of(bio);
  const auto count = ::send(wire->fd, bytes, static_cast<std::size_t>(size), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (count >= 0) {
    wire->written += static_cast<std::uint64_t>(count);
    return static_cast<int>(count);
  }
  if (may_try_again(errno))
    BIO_set_retry_write(bio);
  else
    wire->error = errno;
  return -1;
}

int wire_read(BIO* bio, char* to, int room) {
  BIO_clear_retry_flags(bio);
  TlsWire* const wire = wire_of(bio);
  wire->noisy = wire->noisy || wire->records_without_data > TlsWire::most_records_without_data;
  if (wire->noisy) return -1;
  if (wire->reads >= 2 * TlsWire::most_records_at_once) {
    wire->reads = 0;
    BIO_set_retry_read(bio);
    return -1;
  }
  ++wire->reads;
  const auto count = ::recv(wire->fd, to, static_cast<std::size_t>(room), MSG_DONTWAIT);
  if (count > 0) {
    wire->received += static_cast<std::uint64_t>(count);
    return static_cast<int>(count);
  }
  if (count == 0) {
    wire->ended = true;
    return 0;
  }
  if (may_try_again(errno))
    BIO_set_retry_read(bio);
  else
    wire->error = errno;
  return -1;
}

long wire_control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_EOF) return wire_of(bio)->ended ? 1 : 0;
  return command == BIO_CTRL_FLUSH ? 1 : 0;  // nothing is held back
}

const BIO_METHOD* wire_method() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* const made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
    BIO_meth_set_write(made, wire_write);
    BIO_meth_set_read(made, wire_read);
    BIO_meth_set_ctrl(made, wire_control);
    return made;
  }();
  return method;
}

}  // namespace

void count_record(TlsWire& wire, int write, int content_type) {
  if (!write && content_type == SSL3_RT_HEADER) ++wire.records_without_data;
}

void put_on_wire(ssl_st* connection, TlsWire& wire) {
  BIO* const bio = BIO_new(wire_method());
  if (!bio) throw std::bad_alloc();
  BIO_set_data(bio, &wire);
  BIO_set_init(bio, 1);
  SSL_set_bio(connection, bio, bio);
}

}  // namespace tandem::net
