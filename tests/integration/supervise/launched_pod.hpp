// A pod with a real keeper in a root of its own; busybox is its image. The end of the scope deletes it and checks that
// nothing is left on the machine.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pods/plan/plan.hpp"
#include "pods/state/layout.hpp"
#include "pods/state/pod_state.hpp"
#include "pods/supervise/client.hpp"
#include "tests/support/servers.hpp"

namespace tandem::test {

class LaunchedPod {
  TemporaryDirectory folder_;  // first made, last removed

 public:
  LaunchedPod();
  ~LaunchedPod();

  // A container that runs `script` in a shell. To be added to plan.containers.
  plan::Container shell(const std::string& name, const std::string& script,
                        plan::ContainerKind kind = plan::ContainerKind::main) const;
  void launch() { supervise::launch_keeper(roots, plan); }

  std::string status() const;                                    // status.json
  std::string status_at(const std::string& json_pointer) const;  // "/status/phase"; scalars as text; empty: absent
  std::string phase() const { return status_at("/status/phase"); }
  state::ContainerRecord record(const std::string& container) const;
  // The lines of a container's log without time, stream and tag; parts are joined.
  std::vector<std::string> log(const std::string& container, int attempt = 0) const;
  std::string raw_log(const std::string& container, int attempt = 0) const;
  bool logged(const std::string& container, const std::string& line, int attempt = 0) const;
  std::vector<std::string> event_reasons() const;
  pid_t process(const std::string& name) const;                      // as processes_of; 0: not there
  bool wait_for_other(const std::string& name, pid_t before) const;  // until another process has taken its place
  void kill(const std::string& name, int signal = 9) const;
  void kill_guardians() const;  // both, before either brings the other back

  bool wait_for_phase(const std::string& phase) const;
  bool wait_ready() const;
  // What the pod has left: processes, mounts, cgroups, directories. Empty: nothing.
  std::string leftovers() const;

  fs::path folder(const std::string& name) const { return folder_ / name; }
  state::Roots roots;
  plan::Plan plan;
  state::PodPaths paths;
};

// How often each line of "FIRST".."LAST" stands in `lines`: the first number that is missing, or 0.
int first_missing(const std::vector<std::string>& lines, int first, int last);

}  // namespace tandem::test
