// The built tandem-redis, as a child.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/support/redis/raw_client.hpp"
#include "tests/support/servers.hpp"

namespace tandem::test {

class Ambassador {
 public:
  // `backend`: "cluster: {...}" or "server: {...}"; `more`: more lines of its config.
  explicit Ambassador(const std::string& backend, const std::string& more = "");
  static std::string cluster(const std::vector<std::string>& seeds);

  // Writes its config anew, sends SIGHUP, and waits until it has taken or refused it. False: refused.
  bool reload(const std::string& backend, const std::string& more = "");

  int port() const { return port_; }
  Child& child() { return *child_; }
  RawClient connect() const { return RawClient(port_); }
  bool wait_ready(bool ready = true) const;  // /readyz says so
  std::string readyz() const;                // the whole response
  double metric(const std::string& series) const;
  std::string log() const;

 private:
  std::string http_get(const std::string& path) const;
  void write_config(const std::string& backend, const std::string& more) const;

  TemporaryDirectory folder_;
  int port_, admin_port_;
  std::unique_ptr<Child> child_;
};

}  // namespace tandem::test
