#include <cstdlib>
#include <sstream>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "pods/state/layout.hpp"
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

namespace {

std::string read_of_process(const std::string& pid, const char* file) {
  try {
    return read_file_if_exists("/proc/" + pid + "/" + file).value_or("");
  } catch (const Error&) {  // it ended while we looked
    return "";
  }
}

}  // namespace

std::vector<pid_t> processes_in_cgroups() {
  const std::string parent = "/" + state::find_roots().cgroup_parent() + "/";
  std::vector<pid_t> found;
  for (const std::string& pid : list_directory("/proc")) {
    if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
    if (read_of_process(pid, "cgroup").find(parent) != std::string::npos) found.push_back(std::atoi(pid.c_str()));
  }
  return found;
}

int sleeping(const std::string& seconds) {
  const std::string command = std::string("sleep") + '\0' + seconds + '\0';
  int found = 0;
  for (const pid_t pid : processes_in_cgroups()) found += read_of_process(std::to_string(pid), "cmdline") == command;
  return found;
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
