#include "sidecars/log/intake_settings.hpp"

#include <algorithm>
#include <charconv>

#include "core/net/endpoint.hpp"
#include "core/net/tls_config.hpp"

namespace tandem::shipper {
namespace {

constexpr std::size_t longest_unix_path = 107;  // unix(7)

std::string read_address(Reader& listen, const char* key) {
  const std::string text = listen.string(key);
  if (text.empty()) return text;
  std::string why;
  const auto endpoint = net::parse_endpoint(text, why);
  if (!endpoint) listen.problem(key, "\"" + text + "\" " + why, "HOST:PORT, e.g. 127.0.0.1:5514");
  if (endpoint && endpoint->is_unix())
    listen.problem(key, "a Unix socket is none of TCP or UDP", "listen: {unix: /PATH} or {unixgram: /PATH}");
  return text;
}

std::string read_path(Reader& listen, const char* key) {
  const std::string path = listen.string(key);
  if (path.empty()) return path;
  if (!path.starts_with('/')) listen.problem(key, "the path \"" + path + "\" is not absolute");
  if (path.size() > longest_unix_path) listen.problem(key, "a Unix socket's path has at most 107 bytes");
  return path;
}

unsigned read_mode(Reader& item) {
  const std::string text = item.string("socketMode", "0666");
  unsigned mode = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
  if (error != std::errc() || end != text.data() + text.size() || mode > 0777)
    item.problem("socketMode", "\"" + text + "\" is no octal mode", "e.g. \"0660\", with quotes");
  return mode;
}

void read_limits(Reader& item, IntakeSettings& intake) {
  Reader limits = item.object("limits");
  intake.max_connections = static_cast<std::size_t>(limits.integer("connections", 512, 1, 1'000'000));
  const auto unfinished = limits.bytes("unfinishedBytes", {16 << 20}).value;
  if (unfinished < (64 << 10)) limits.problem("unfinishedBytes", "must be at least 64Ki");
  intake.max_unfinished_bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(unfinished, 64 << 10));
  intake.first_byte =
      std::chrono::duration_cast<std::chrono::milliseconds>(limits.duration("firstByte", std::chrono::milliseconds(0)));
  limits.done();
}

}  // namespace

SpoolOptions IntakeSettings::spool_limits(std::uint64_t line_limit) const {
  SpoolOptions limits;
  limits.max_bytes = max_bytes;
  limits.file_bytes = std::min<std::uint64_t>(16u << 20, max_bytes / 4);
  limits.line_limit = line_limit;
  limits.keep_free = keep_free;
  return limits;
}

const run::ConfigTable& intake_keys() {
  static const run::ConfigTable keys = {
      {"sources[].listen.tcp", "HOST:PORT", "",
       "socket, syslog: a TCP port. socket: a line is a record. syslog: messages are counted or end with a newline "
       "(RFC "
       "6587), told apart one by one."},
      {"sources[].listen.udp", "HOST:PORT", "",
       "socket, syslog: a UDP port. socket: each line of a datagram is a record. syslog: each datagram is one."},
      {"sources[].listen.unix", "path", "", "socket, syslog: a Unix stream socket; as tcp."},
      {"sources[].listen.unixgram", "path", "",
       "socket, syslog: a Unix datagram socket, as /dev/log is one; as udp, but senders wait instead of losing."},
      {"sources[].listen.tls", "HOST:PORT", "",
       "socket, syslog: a TCP port for TLS (1.2 or later; RFC 5425); as tcp. Needs tls."},
      {"sources[].tls.certFile", "path", "",
       "socket, syslog: PEM, the certificate that senders see, and what signed it. Read again when it changes, at the "
       "next connection."},
      {"sources[].tls.keyFile", "path", "", "socket, syslog: PEM, its key, without a passphrase. Read again likewise."},
      {"sources[].tls.clientCaFile", "path", "",
       "socket, syslog: PEM, who must have signed a sender's certificate; absent: senders need none."},
      {"sources[].socketMode", "octal", "0666", "socket, syslog: permissions of the Unix sockets."},
      {"sources[].limits.connections", "integer", "512",
       "socket, syslog: senders at once. For one more, the one that has been silent longest is closed."},
      {"sources[].limits.unfinishedBytes", "bytes", "16Mi",
       "socket, syslog: of messages whose end has not come, of all senders. Past it the longest of them is taken as it "
       "is, and its sender closed."},
      {"sources[].limits.firstByte", "duration", "0s",
       "socket, syslog: a new sender that says nothing for so long is closed; 0s: it may be silent until its place is "
       "needed, as one that connects at its start and has nothing to say is."},
      {"sources[].spool.maxBytes", "bytes", "1Gi",
       "stdin, socket, syslog: of what waits below state.dir until every sink has it. Past it streams are not read, "
       "and "
       "UDP datagrams are dropped and counted."},
      {"sources[].spool.keepFree", "bytes", "8Mi",
       "stdin, socket, syslog: of the disk that state.dir is on, for the positions; an eighth of a disk that is "
       "smaller "
       "than eight times that. With less free the spool is full."},
  };
  return keys;
}

IntakeSettings read_intake(Reader& item, const std::string& type) {
  IntakeSettings intake;
  intake.kind = type == "stdin"    ? IntakeSettings::Kind::standard_input
                : type == "syslog" ? IntakeSettings::Kind::syslog
                                   : IntakeSettings::Kind::lines;
  if (intake.kind != IntakeSettings::Kind::standard_input) {
    Reader listen = item.object("listen");
    intake.tcp = read_address(listen, "tcp");
    intake.udp = read_address(listen, "udp");
    intake.unix_stream = read_path(listen, "unix");
    intake.unix_datagram = read_path(listen, "unixgram");
    intake.tls = read_address(listen, "tls");
    const bool has_files = item.has("tls");
    if (!intake.tls.empty() && !has_files)
      listen.problem("tls", "needs a certificate", "tls: {certFile: FILE, keyFile: FILE} beside listen");
    listen.done();
    if (!intake.tls.empty() && has_files) {
      intake.tls_files = net::read_tls_server(item);
    } else if (has_files) {
      item.object("tls");  // not unknown, but of no use
      item.problem("tls", "nothing listens with TLS", "listen: {tls: HOST:PORT}");
    }
    intake.mode = read_mode(item);
    if (intake.tcp.empty() && intake.udp.empty() && intake.tls.empty() && intake.unix_stream.empty() &&
        intake.unix_datagram.empty())
      item.problem("listen", "nothing to listen to", "listen: {tcp: \"127.0.0.1:5514\"}, or udp, tls, unix, unixgram");
    if (!intake.unix_stream.empty() && intake.unix_stream == intake.unix_datagram)
      item.problem("listen", "unix and unixgram cannot have one path");
  }
  if (intake.kind != IntakeSettings::Kind::standard_input) read_limits(item, intake);
  Reader spool = item.object("spool");
  const auto bytes = spool.bytes("maxBytes", {1 << 30}).value;
  if (bytes < (64 << 10)) spool.problem("maxBytes", "must be at least 64Ki");
  intake.max_bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(bytes, 64 << 10));
  const auto kept = spool.bytes("keepFree", {8 << 20}).value;
  if (kept < 0) spool.problem("keepFree", "must not be negative");
  intake.keep_free = static_cast<std::uint64_t>(std::max<std::int64_t>(kept, 0));
  spool.done();
  return intake;
}

}  // namespace tandem::shipper
