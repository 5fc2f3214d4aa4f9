// A Tandem of its own for a test: state, images, cgroups and bridge apart from everything else (TANDEM_ROOT), in
// namespaces of its own; all pods are deleted at the end of the scope.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/os/process.hpp"
#include "tests/support/servers.hpp"

namespace tandem::test {

class Machine {
 public:
  // `images`: a store that is used as it is (packed before the tests ran), or empty for a new one.
  explicit Machine(const fs::path& images = {});
  ~Machine();

  const fs::path& root() const { return root_.path(); }

  // Runs `tandem ARGUMENTS...` to its end.
  CommandResult tandem(std::vector<std::string> arguments, const std::string& input = "",
                       std::chrono::seconds limit = std::chrono::seconds(120)) const;
  // The same; throws with everything it printed when it does not exit with 0. Returns its stdout.
  std::string ok(std::vector<std::string> arguments, const std::string& input = "") const;

  nlohmann::json pod(const std::string& name) const;  // v1 Pod with status; null when there is none
  std::string pod_ip(const std::string& name) const;
  pid_t process_of(const std::string& pod, const std::string& container) const;  // also "supervisor", "keeper"; 0: none
  int restarts(const std::string& pod, const std::string& container) const;
  bool ready(const std::string& pod) const;

  // What Tandem has left on the machine, a line each: mounts below the root, cgroups, interfaces, firewall tables,
  // processes whose command names the root. Empty: nothing, at the latest after a few seconds.
  std::string leftovers() const;

 private:
  std::vector<std::string> find_leftovers() const;

  TemporaryDirectory root_;
};

// Why tests of pods must be skipped here; empty: they can run, in a network of their own from now on.
std::string why_no_pods();

struct HttpAnswer {
  int status = 0;  // 0: no answer
  std::string body;
};
HttpAnswer http_get(const std::string& host, int port, const std::string& path);
HttpAnswer http_post(const std::string& host, int port, const std::string& path, const std::string& body,
                     const std::string& type = "application/x-www-form-urlencoded");

}  // namespace tandem::test
