// Syslog over UDP, TCP or TLS (RFC 5424, 5425, 5426, 6587).
#include <unistd.h>

#include "sidecars/log/encode/syslog_format.hpp"
#include "sidecars/log/sinks/stream_sink.hpp"
#include "sidecars/log/sinks/syslog_udp.hpp"
#include "sidecars/log/sinks/tls_keys.hpp"

namespace tandem::shipper {
namespace {

std::string machine_or_dash() {
  char name[256] = "";
  return ::gethostname(name, sizeof name - 1) == 0 && name[0] ? name : "-";
}

SyslogFormat read_syslog_format(Reader& item) {
  SyslogFormat format;
  if (item.choice("format", "rfc5424", {"rfc5424", "rfc3164"}) == "rfc3164")
    format.version = SyslogFormat::Version::rfc3164;
  const std::string facility = item.string("facility", "user");
  const auto number = parse_facility(facility);
  if (!number) item.problem("facility", "no facility is called \"" + facility + "\"", "kern to local7, or 0 to 23");
  format.facility = number.value_or(1);
  format.severity = item.string("severity", "level");
  format.host_name = item.string("hostname");
  format.app_name = item.string("appName");
  format.proc_id = item.string("procId");
  format.msg_id = item.string("msgId");
  format.structured_data = item.string("structuredData");
  format.bom = item.boolean("bom", false);
  if (!format.structured_data.empty() && !is_structured_data_id(format.structured_data))
    item.problem("structuredData", "\"" + format.structured_data + "\" is no SD-ID (RFC 5424, section 6.3.2)",
                 "NAME@ENTERPRISE-NUMBER, for instance tandem@32473; at most 32 characters");
  if (format.version == SyslogFormat::Version::rfc3164 && !format.structured_data.empty())
    item.problem("structuredData", "rfc3164 has no structured data");
  return format;
}

const run::ConfigTable syslog_keys = {
    {"address", "HOST:PORT", "", "The syslog receiver. With tcp also unix:/PATH."},
    {"protocol", "udp|tcp|tls", "tcp", "udp: a datagram each, and sent counts as delivered."},
    {"framing", "octet-counting|newline", "octet-counting",
     "Of tcp and tls (RFC 6587); with newline those inside a message become #012."},
    {"format", "rfc5424|rfc3164", "rfc5424", "rfc3164 for old receivers: local time, no structured data."},
    {"facility", "word or 0 to 23", "user", "kern, user, mail, daemon, auth, ..., local0 to local7."},
    {"severity", "field", "level", "Its word or number becomes the severity; missing or unknown: info."},
    {"hostname", "field", "", "HOSTNAME; absent: pod, else node, else the machine's name."},
    {"appName", "field", "", "APP-NAME or TAG; absent: container, else source."},
    {"procId", "field", "", "PROCID; absent: -."},
    {"msgId", "field", "", "MSGID; absent: -."},
    {"structuredData", "NAME@NUMBER", "", "An element of this name with the record's other fields; absent: none."},
    {"bom", "boolean", "false", "Mark MSG as UTF-8 with a byte order mark, as RFC 5424 wishes."},
    {"maxMessage", "bytes", "8Ki", "Of udp: longer messages are cut, and counted."},
};

void read_syslog(Reader& item, SinkSettings& sink) {
  read_network(item, sink);
  sink.body = BodyKind::bytes;
  const std::string protocol = item.choice("protocol", "tcp", {"udp", "tcp", "tls"});
  const bool udp = protocol == "udp";
  auto format = read_syslog_format(item);
  if (item.choice("framing", "octet-counting", {"octet-counting", "newline"}) == "newline") {
    format.framing = SyslogFormat::Framing::newline;
    if (udp) item.problem("framing", "a datagram is a message: udp has no framing");
  }
  const auto most = item.bytes("maxMessage", {8 << 10}).value;
  if (most < 480 || most > 65'507) item.problem("maxMessage", "must be from 480 to 65507");
  if (!udp && item.has("maxMessage")) item.problem("maxMessage", "is of udp; tcp and tls cut nothing");
  auto connection = read_connection(item);
  if (connection.with_tls && protocol != "tls") item.problem("tls", "is only for protocol: tls");
  connection.with_tls = protocol == "tls";
  const auto address = read_address(item);
  if (udp && address.is_unix()) item.problem("address", "udp needs HOST:PORT");
  if (udp) sink.in_flight = 1;
  sink.make_format = [format](const Origin&) {
    auto own = format;
    own.machine = machine_or_dash();
    return make_syslog_format(std::move(own));
  };
  sink.make = [=](const SinkSettings& settings, const SinkContext& context) -> std::unique_ptr<Sink> {
    if (udp) return make_syslog_udp_sink(address, static_cast<std::size_t>(most), settings, context);
    return make_stream_sink(connection.make(net::TlsUse::one_way), address, settings.timeout, context.io);
  };
}

}  // namespace

SinkType syslog_sink() { return {"syslog", with_keys(syslog_keys, {&network_keys, &tls_keys()}), read_syslog}; }

}  // namespace tandem::shipper
