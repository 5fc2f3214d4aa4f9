// A source that is no file, as the config says it: what comes is written to files of a spool, and those are followed.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "core/config/reader.hpp"
#include "core/net/tls_server.hpp"
#include "core/run/config_keys.hpp"
#include "sidecars/log/spool.hpp"

namespace tandem::shipper {

struct IntakeSettings {
  enum class Kind { standard_input, lines, syslog };
  Kind kind = Kind::lines;
  std::string tcp, udp, tls;               // HOST:PORT; empty: not there
  net::TlsServerSettings tls_files;        // of tls
  std::string unix_stream, unix_datagram;  // absolute paths
  unsigned mode = 0666;                    // of those
  std::uint64_t max_bytes = 1u << 30;      // of the spool
  std::uint64_t keep_free = 8u << 20;      // of the spool's disk
  std::size_t max_connections = 512;
  std::uint64_t max_unfinished_bytes = 16u << 20;  // of messages whose end has not come, of all connections
  std::chrono::milliseconds first_byte{0};         // of a new connection; 0: it may be silent
  bool operator==(const IntakeSettings&) const = default;
  // Whether what is listened to is the same.
  bool listens_like(IntakeSettings other) const {
    other.max_bytes = max_bytes;
    other.keep_free = keep_free;
    other.max_connections = max_connections;
    other.max_unfinished_bytes = max_unfinished_bytes;
    other.first_byte = first_byte;
    return *this == other;
  }
  SpoolOptions spool_limits(std::uint64_t line_limit) const;  // without its directory
};

const run::ConfigTable& intake_keys();  // with "sources[]."

// `type` is stdin, socket or syslog.
IntakeSettings read_intake(Reader& item, const std::string& type);

}  // namespace tandem::shipper
