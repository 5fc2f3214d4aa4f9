// The processes of a cgroup: who is there, stop them, kill them.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>

#include <chrono>
#include <sstream>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "pods/linux/cgroup.hpp"

namespace tandem::linux_ {
namespace {

using clock = std::chrono::steady_clock;
constexpr std::chrono::seconds patience{5};

void collect(const std::string& directory, std::vector<pid_t>& found) {
  std::istringstream pids(read_file_if_exists(directory + "/cgroup.procs").value_or(""));
  for (pid_t pid; pids >> pid;) {
    if (pid > 0) found.push_back(pid);  // 0: a process outside of our own pid namespace
  }
  for (const std::string& name : list_subdirectories(directory)) collect(directory + "/" + name, found);
}

// The hierarchy in which processes are counted and stopped.
std::string directory_of(const CgroupMounts& mounts, const std::string& path, const std::string& controller) {
  if (mounts.unified) return mounts.v2 + "/" + path;
  for (const auto& [name, mount] : mounts.v1) {
    if (name == controller) return mount + "/" + path;
  }
  return "";
}

bool exists(const std::string& path) {
  struct stat status;
  return ::stat(path.c_str(), &status) == 0;
}

bool write_if_there(const std::string& file, const std::string& value) {
  if (!exists(file)) return false;
  try {
    const unique_fd fd = open_file(file, O_WRONLY);
    write_all(fd.get(), value, file);
    return true;
  } catch (const Error&) {
    return false;  // removed meanwhile, or older than this control file
  }
}

void wait_a_millisecond() {
  const timespec pause{0, 1'000'000};
  ::nanosleep(&pause, nullptr);
}

void kill_each(const std::vector<pid_t>& pids) {
  for (const pid_t pid : pids) ::kill(pid, SIGKILL);
}

}  // namespace

std::vector<pid_t> processes_in(const CgroupMounts& mounts, const std::string& path) {
  std::vector<pid_t> found;
  const std::vector<std::string> directories = cgroup_directories(mounts, path);
  if (!directories.empty()) collect(directories.front(), found);
  return found;
}

bool freeze_cgroup(const CgroupMounts& mounts, const std::string& path, bool frozen) {
  const std::string directory = directory_of(mounts, path, "freezer");
  if (!exists(directory)) return false;
  const std::string state = directory + (mounts.unified ? "/cgroup.events" : "/freezer.state");
  const std::string wanted = mounts.unified ? (frozen ? "frozen 1" : "frozen 0") : (frozen ? "FROZEN" : "THAWED");
  const bool written =
      mounts.unified ? write_if_there(directory + "/cgroup.freeze", frozen ? "1" : "0") : write_if_there(state, wanted);
  if (!written) return false;
  for (const auto deadline = clock::now() + patience; clock::now() < deadline; wait_a_millisecond()) {
    if (read_file_if_exists(state).value_or("").find(wanted) != std::string::npos) return true;
  }
  return false;
}

bool kill_cgroup(const CgroupMounts& mounts, const std::string& path) {
  for (const auto deadline = clock::now() + patience; clock::now() < deadline; wait_a_millisecond()) {
    if (processes_in(mounts, path).empty()) return true;
    const bool by_kernel = mounts.unified && write_if_there(mounts.v2 + "/" + path + "/cgroup.kill", "1");
    if (by_kernel) continue;
    // Without cgroup.kill (v1): nobody forks and no pid is reused between reading the list and killing those on it.
    freeze_cgroup(mounts, path, true);
    kill_each(processes_in(mounts, path));
    freeze_cgroup(mounts, path, false);
  }
  return processes_in(mounts, path).empty();
}

}  // namespace tandem::linux_
