#include "tests/e2e/log/pods.hpp"
#include "tests/support/own_network.hpp"
#include "tests/support/skip.hpp"

namespace tandem::test {

std::string reason_to_skip() {
  if (!is_root()) return "pods need root: namespaces, mounts, cgroups";
  if (find_program("busybox").empty()) return "busybox is not installed (Debian: busybox-static)";
  enter_own_network();
  return "";
}

}  // namespace tandem::test
