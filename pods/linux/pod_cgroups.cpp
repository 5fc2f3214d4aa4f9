// A pod's cgroups as steps, and the small removals of a container.
#include <unistd.h>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "pods/linux/sandbox.hpp"

namespace tandem::linux_ {

void create_pod_cgroups(const CgroupMounts& mounts, const plan::Plan& plan) {
  const std::string containers = pod_cgroup(plan) + "/pod";
  create_cgroup(mounts, containers);
  apply_resources(mounts, containers, pod_resources(plan));
}

bool remove_pod_cgroups(const CgroupMounts& mounts, const std::string& pod) {
  if (!kill_cgroup(mounts, pod + "/pod")) {
    throw Error(Fault::environment, "end the processes of", pod + "/pod", "some do not die",
                "cgroup.procs names them; one that waits for a disk or a network filesystem cannot be killed");
  }
  remove_cgroup(mounts, pod + "/pod");
  if (!processes_in(mounts, pod).empty()) return false;
  remove_cgroup(mounts, pod);
  // The parent goes with the last pod: rmdir(2) refuses while another one is in it.
  const std::string parent = pod.substr(0, pod.rfind('/'));
  for (const std::string& directory : cgroup_directories(mounts, parent)) ::rmdir(directory.c_str());
  return true;
}

void remove_container_root(const state::PodPaths& paths, const std::string& container) {
  remove_tree(paths.container_lib(container));
}

fs::path termination_log(const state::PodPaths& paths, const std::string& container) {
  return paths.container_lib(container) / "termination-log";
}

}  // namespace tandem::linux_
