// Visits another network namespace: a socket opened meanwhile belongs to it for good.
#pragma once

#include <string>

#include "core/os/unique_fd.hpp"

namespace tandem::network {

// The calling thread is in the namespace at `path`, or of `fd`, until the end of the scope. Throws Error{environment}
// when it cannot enter. A thread that cannot go back must not run on in the wrong place: the process aborts.
class InsideNamespace {
 public:
  explicit InsideNamespace(const std::string& path);
  explicit InsideNamespace(int fd);
  ~InsideNamespace();
  InsideNamespace(const InsideNamespace&) = delete;
  InsideNamespace& operator=(const InsideNamespace&) = delete;

 private:
  unique_fd home_;
};

}  // namespace tandem::network
