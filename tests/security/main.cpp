#include <sstream>

#include "tests/security/hostile_pod.hpp"
#include "tests/support/skip.hpp"

namespace tandem::test {

std::string reason_to_skip() { return why_no_pods(); }

Machine& machine() {
  static Machine one;
  static const bool packed = [] {
    pack(one, "localhost/hostile", {"--link", "/bin/x:/proc/self/exe"});
    return true;
  }();
  static_cast<void>(packed);
  return one;
}

void pack(Machine& machine, const std::string& name, const std::vector<std::string>& more) {
  std::vector<std::string> words{
      "image", "pack", name, "--bin", find_program("busybox"), std::string(TANDEM_BINARY_DIR) + "/tests/hostile"};
  for (const char* tool :
       {"sh", "cat", "chmod", "sleep", "stat", "tty", "ls", "ln", "rm", "mkdir", "echo", "mv", "grep"}) {
    words.push_back("--link");
    words.push_back(std::string("/usr/bin/") + tool + ":busybox");
  }
  words.insert(words.end(), more.begin(), more.end());
  machine.ok(words);
}

std::string outcome_of(const std::string& pod, const std::string& container) {
  std::string told;
  wait_until([&] {
    told = machine().tandem({"describe", "pod", pod}).output;
    const auto tells = [&](const char* words) { return told.find(words) != std::string::npos; };
    return tells("Status:           Succeeded") || tells("Status:           Failed") || tells("ContainerError");
  });
  return machine().tandem({"logs", pod, "-c", container}).output + told;
}

std::string ways_out(const std::string& text) {
  std::istringstream lines(text);
  std::string found;
  for (std::string line; std::getline(lines, line);) {
    if (line.find(" could") != std::string::npos) found += line + "\n";
  }
  return found;
}

std::size_t refusals(const std::string& text) {
  std::size_t count = 0;
  for (std::size_t at = text.find(" refused: "); at != std::string::npos; at = text.find(" refused: ", at + 1)) ++count;
  return count;
}

std::string hostile_pod(const std::string& name, const std::string& command) {
  return "apiVersion: v1\nkind: Pod\nmetadata: {name: " + name +
         "}\nspec:\n  terminationGracePeriodSeconds: 0\n  containers:\n  - {name: main, image: localhost/hostile, "
         "command: " +
         command + "}\n";
}

}  // namespace tandem::test
