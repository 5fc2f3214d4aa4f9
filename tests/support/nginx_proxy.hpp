// A real nginx before a receiver of the test, on loopback.
#pragma once

#include <memory>
#include <string>

#include "tests/support/servers.hpp"

namespace tandem::test {

class NginxProxy {
 public:
  // `listen`: what comes after the port there, such as "ssl"; `more`: directives of the server block.
  NginxProxy(int port_behind, const std::string& listen, const std::string& more);
  int port() const { return port_; }

 private:
  TemporaryDirectory directory_;
  int port_ = free_port();
  std::unique_ptr<Child> child_;
};

}  // namespace tandem::test
