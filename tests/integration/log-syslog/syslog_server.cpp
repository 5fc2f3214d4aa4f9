#include "tests/integration/log-syslog/syslog_server.hpp"

#include <fmt/format.h>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "tests/support/skip.hpp"

namespace tandem::test {
namespace {

// The folder of Debian's packages that a program lies in: "" for the system's own.
std::string root_of(const std::string& program) {
  const std::string path = find_program(program);
  return path.substr(0, path.rfind("/usr/sbin/"));
}

// Of UDP there is nothing to connect to: a bound port is in the kernel's table.
bool is_bound(const std::string& table, int port) {
  const auto text = read_file_if_exists("/proc/net/" + table).value_or("");
  return text.find(fmt::format(":{:04X} ", port)) != std::string::npos;
}

std::vector<std::string> split(const std::string& line, char at, std::size_t parts) {
  std::vector<std::string> found;
  std::size_t begin = 0;
  for (std::size_t end; found.size() + 1 < parts && (end = line.find(at, begin)) != std::string::npos; begin = end + 1)
    found.push_back(line.substr(begin, end - begin));
  found.push_back(line.substr(begin));
  return found;
}

}  // namespace

std::string reason_to_skip() {
  for (const char* program : {"rsyslogd", "syslog-ng"})
    if (find_program(program).empty()) return std::string(program) + " is not here (tests/support/unpack-servers)";
  return "";
}

SyslogServer::SyslogServer(const std::string& program, const ReceiverWish& wish) {
  if (program == "rsyslogd")
    start_rsyslogd(wish);
  else
    start_syslog_ng(wish);
  const bool listens =
      wait_until([&] { return is_bound(wish.transport == "udp" ? "udp" : "tcp", port_) || !child_->running(); });
  if (!listens || !child_->running()) throw Error(Fault::environment, "start", program, output());
}

void SyslogServer::start_rsyslogd(const ReceiverWish& wish) {
  const std::string out = folder_ / "received", modules = root_of("rsyslogd") + "/usr/lib/x86_64-linux-gnu/rsyslog";
  const bool tls = wish.transport == "tls";
  std::string config = fmt::format("global(workDirectory=\"{}\" maxMessageSize=\"64k\"", folder_.path().string());
  if (tls)
    config += fmt::format(
        " defaultNetstreamDriver=\"ossl\" defaultNetstreamDriverCAFile=\"{}\" defaultNetstreamDriverCertFile=\"{}\" "
        "defaultNetstreamDriverKeyFile=\"{}\"",
        wish.ca, wish.own.certificate, wish.own.key);
  config += ")\n";
  if (wish.transport == "udp") {
    config += "module(load=\"imudp\")\n";
    config += fmt::format("input(type=\"imudp\" address=\"127.0.0.1\" port=\"{}\" rcvbufSize=\"4m\")\n", port_);
  } else {
    config += tls ? "module(load=\"imtcp\" streamDriver.name=\"ossl\" streamDriver.mode=\"1\" "
                    "streamDriver.authMode=\"x509/certvalid\")\n"
                  : "module(load=\"imtcp\")\n";
    config += fmt::format("input(type=\"imtcp\" address=\"127.0.0.1\" port=\"{}\")\n", port_);
  }
  config += fmt::format(
      "template(name=\"all\" type=\"string\" string=\"%pri%\\t%timestamp:::date-rfc3339%\\t%hostname%\\t%app-name%\\t"
      "%procid%\\t%msgid%\\t%structured-data%\\t%msg%\\n\")\n"
      "action(type=\"omfile\" file=\"{}\" template=\"all\")\n",
      out);
  write_file(folder_ / "rsyslog.conf", config);
  child_ =
      std::make_unique<Child>(std::vector<std::string>{find_program("rsyslogd"), "-n", "-f", folder_ / "rsyslog.conf",
                                                       "-i", folder_ / "pid", "-M", modules},
                              folder_ / "output");
}

void SyslogServer::start_syslog_ng(const ReceiverWish& wish) {
  const std::string modules = root_of("syslog-ng") + "/usr/lib/syslog-ng/3.38";
  std::string tls;
  if (wish.transport == "tls")
    tls = fmt::format(" tls(key-file(\"{}\") cert-file(\"{}\") ca-file(\"{}\") peer-verify(required-trusted))",
                      wish.own.key, wish.own.certificate, wish.ca);
  const std::string config = fmt::format(
      "@version: 3.38\n"
      "options {{ keep-hostname(yes); keep-timestamp(yes); use-dns(no); frac-digits(6); stats-freq(0); "
      "time-zone(\"UTC\"); }};\n"
      "source s {{ syslog(ip(127.0.0.1) port({}) transport(\"{}\"){} log-msg-size(65536)); }};\n"
      "destination d {{ file(\"{}\" "
      "template(\"$PRI\\t$ISODATE\\t$HOST\\t$PROGRAM\\t$PID\\t$MSGID\\t$SDATA\\t$MESSAGE\\n\")); }};\n"
      "log {{ source(s); destination(d); }};\n",
      port_, wish.transport, tls, std::string(folder_ / "received"));
  write_file(folder_ / "syslog-ng.conf", config);
  child_ = std::make_unique<Child>(
      std::vector<std::string>{find_program("syslog-ng"), "-F", "--no-caps", "-f", folder_ / "syslog-ng.conf", "-R",
                               folder_ / "persist", "-p", folder_ / "pid", "-c", folder_ / "control", "--module-path",
                               modules},
      folder_ / "output");
}

std::vector<Received> SyslogServer::received() const {
  const std::string text = read_file_if_exists(folder_ / "received").value_or("");
  std::vector<Received> all;
  for (std::size_t begin = 0, end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    auto parts = split(text.substr(begin, end - begin), '\t', 8);
    parts.resize(8);
    all.push_back({parts[0], parts[1], parts[2], parts[3], parts[4], parts[5], parts[6], parts[7]});
  }
  return all;
}

std::string SyslogServer::output() const { return read_file_if_exists(folder_ / "output").value_or(""); }

}  // namespace tandem::test
