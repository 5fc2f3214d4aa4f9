// The freezer: stopping the processes of a cgroup, letting them go on, and letting those die that were killed
// meanwhile.
#include <time.h>

#include <chrono>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "pods/linux/cgroup.hpp"
#include "pods/linux/cgroup_files.hpp"

namespace tandem::linux_ {
namespace {

using freeze_clock = std::chrono::steady_clock;
constexpr std::chrono::seconds freeze_patience{5};

// Empty: this machine has no freezer.
std::string freezer_mount(const CgroupMounts& mounts) {
  if (mounts.unified) return mounts.v2;
  for (const auto& [name, mount] : mounts.v1) {
    if (name == "freezer") return mount;
  }
  return "";
}

// Asked for in this very cgroup, whatever holds for those above.
bool is_frozen_itself(const CgroupMounts& mounts, const std::string& directory) {
  const char* const file = mounts.unified ? "/cgroup.freeze" : "/freezer.self_freezing";
  return read_file_if_exists(directory + file).value_or("").starts_with('1');
}

struct Control {
  std::string file, thawed, frozen;
};
Control control_of(const CgroupMounts& mounts, const std::string& directory) {
  return mounts.unified ? Control{directory + "/cgroup.freeze", "0", "1"}
                        : Control{directory + "/freezer.state", "THAWED", "FROZEN"};
}

}  // namespace

bool freeze_cgroup(const CgroupMounts& mounts, const std::string& path, bool frozen) {
  const std::string mount = freezer_mount(mounts);
  if (mount.empty()) return false;
  const std::string directory = mount + "/" + path;
  const Control control = control_of(mounts, directory);
  if (!write_if_there(control.file, frozen ? control.frozen : control.thawed)) return false;
  const std::string state = mounts.unified ? directory + "/cgroup.events" : control.file;
  const std::string wanted = mounts.unified ? (frozen ? "frozen 1" : "frozen 0") : frozen ? "FROZEN" : "THAWED";
  for (const auto deadline = freeze_clock::now() + freeze_patience; freeze_clock::now() < deadline;) {
    if (read_file_if_exists(state).value_or("").find(wanted) != std::string::npos) return true;
    if (!frozen && thaw_command(mounts, path)) return false;  // from above
    const timespec pause{0, 1'000'000};
    ::nanosleep(&pause, nullptr);
  }
  return false;
}

std::optional<std::string> thaw_command(const CgroupMounts& mounts, const std::string& path) {
  const std::string mount = freezer_mount(mounts);
  std::string command;
  if (mount.empty()) return std::nullopt;
  for (std::string up = path; !up.empty(); up.resize(up.find('/') == up.npos ? 0 : up.rfind('/'))) {
    const std::string directory = mount + "/" + up;
    if (!is_frozen_itself(mounts, directory)) continue;
    const Control control = control_of(mounts, directory);
    command += (command.empty() ? "echo " : "; echo ") + control.thawed + " > " + control.file;
  }
  return command.empty() ? std::nullopt : std::optional(command);
}

void require_thawed(const CgroupMounts& mounts, const std::string& path, const char* tried, const std::string& object) {
  if (const auto command = thaw_command(mounts, path))
    throw Error(Fault::environment, tried, object, "it is frozen", "thaw it: " + *command);
}

void thaw_cgroup(const CgroupMounts& mounts, const std::string& path) {
  const std::string mount = freezer_mount(mounts);
  if (mount.empty()) return;
  for (const std::string& directory : directories_below(mount + "/" + path)) {
    if (!is_frozen_itself(mounts, directory)) continue;
    const Control control = control_of(mounts, directory);
    write_if_there(control.file, control.thawed);
  }
}

void release_killed(const CgroupMounts& mounts, pid_t pid) {
  const std::string mount = freezer_mount(mounts);
  if (mounts.unified || mount.empty()) return;
  write_if_there(mount + "/cgroup.procs", std::to_string(pid));
}

}  // namespace tandem::linux_
