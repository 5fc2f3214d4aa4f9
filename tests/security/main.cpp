#include "tests/security/hostile_pod.hpp"
#include "tests/support/own_network.hpp"
#include "tests/support/skip.hpp"

namespace tandem::test {

std::string reason_to_skip() {
  if (!is_root()) return "pods need root: namespaces, mounts, cgroups";
  if (find_program("busybox").empty()) return "busybox is not installed (Debian: busybox-static)";
  enter_own_network();
  return "";
}

Machine& machine() {
  static Machine one;
  static const bool packed = [] {
    std::vector<std::string> pack{"image",
                                  "pack",
                                  "localhost/hostile",
                                  "--bin",
                                  find_program("busybox"),
                                  std::string(TANDEM_BINARY_DIR) + "/tests/hostile",
                                  "--link",
                                  "/bin/x:/proc/self/exe"};
    for (const char* name : {"sh", "cat", "chmod", "sleep", "stat", "tty"}) {
      pack.push_back("--link");
      pack.push_back(std::string("/usr/bin/") + name + ":busybox");
    }
    one.ok(pack);
    return true;
  }();
  static_cast<void>(packed);
  return one;
}

std::string hostile_pod(const std::string& name, const std::string& command) {
  return "apiVersion: v1\nkind: Pod\nmetadata: {name: " + name +
         "}\nspec:\n  terminationGracePeriodSeconds: 0\n  containers:\n  - {name: main, image: localhost/hostile, "
         "command: " +
         command + "}\n";
}

}  // namespace tandem::test
