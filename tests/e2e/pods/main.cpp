#include <sstream>

#include "tests/e2e/pods/busybox.hpp"
#include "tests/support/skip.hpp"

namespace tandem::test {

std::string reason_to_skip() { return why_no_pods(); }

Machine& machine() {
  static Machine one;
  static const bool packed = [] {
    const std::string busybox = find_program("busybox");
    std::vector<std::string> pack{"image",        "pack",   "localhost/busybox", "--bin", busybox, "/usr/bin/getent",
                                  "--entrypoint", "/bin/sh"};
    for (const char* name : {"sh", "cat", "hostname", "httpd", "id", "nslookup", "rm", "sleep", "touch"}) {
      pack.push_back("--link");
      pack.push_back(std::string("/usr/bin/") + name + ":busybox");
    }
    one.ok(pack);
    return true;
  }();
  static_cast<void>(packed);
  return one;
}

std::string indented(const std::string& text, int columns) {
  std::istringstream lines(text);
  std::string out;
  for (std::string line; std::getline(lines, line);)
    out += std::string(static_cast<std::size_t>(columns), ' ') + line + "\n";
  return out;
}

std::string shell_pod(const std::string& name, const std::string& script, const std::string& spec,
                      const std::string& more) {
  return "apiVersion: v1\nkind: Pod\nmetadata:\n  name: " + name + "\n  labels: {app: " + name + "}\nspec:\n" +
         indented(spec, 2) +
         "  containers:\n  - name: main\n    image: localhost/busybox\n    args:\n    - -c\n    - |\n" +
         indented(script, 6) + indented(more, 4);
}

}  // namespace tandem::test
