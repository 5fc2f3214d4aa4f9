// rsyslogd and syslog-ng as receivers: each with its own config and folders, on loopback, in the foreground.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/support/certificates.hpp"
#include "tests/support/servers.hpp"

namespace tandem::test {

struct ReceiverWish {
  std::string transport = "tcp";  // tcp, udp, tls: where a client must show a certificate that `ca` signed
  CertificateFiles own = {};
  std::string ca = {};
};

// What a receiver made of a message, in its own words.
struct Received {
  std::string priority, time, host, app, process, id, data, text;
};

class SyslogServer {
 public:
  SyslogServer(const std::string& program, const ReceiverWish& wish);  // "rsyslogd" or "syslog-ng"
  SyslogServer(const SyslogServer&) = delete;
  SyslogServer& operator=(const SyslogServer&) = delete;

  int port() const { return port_; }
  std::vector<Received> received() const;
  std::string output() const;  // what it said itself

 private:
  void start_rsyslogd(const ReceiverWish& wish);
  void start_syslog_ng(const ReceiverWish& wish);

  TemporaryDirectory folder_;
  int port_ = free_port();
  std::unique_ptr<Child> child_;
};

}  // namespace tandem::test
