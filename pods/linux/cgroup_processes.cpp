// The processes of a cgroup: who is there, kill them.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>

#include <chrono>
#include <sstream>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "pods/linux/cgroup.hpp"
#include "pods/linux/cgroup_files.hpp"

namespace tandem::linux_ {
namespace {

using clock = std::chrono::steady_clock;
constexpr std::chrono::seconds patience{5};

void wait_a_millisecond() {
  const timespec pause{0, 1'000'000};
  ::nanosleep(&pause, nullptr);
}

}  // namespace

bool write_if_there(const std::string& file, const std::string& value) {
  try {
    const unique_fd fd = open_file(file, O_WRONLY);
    write_all(fd.get(), value, file);
    return true;
  } catch (const Error&) {
    return false;  // removed meanwhile, or older than this control file
  }
}

std::vector<std::string> directories_below(const std::string& directory) {
  struct stat status;
  if (::lstat(directory.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) return {};
  std::vector<std::string> found{directory};
  for (const std::string& name : list_subdirectories(directory)) {
    const std::vector<std::string> below = directories_below(directory + "/" + name);
    found.insert(found.end(), below.begin(), below.end());
  }
  return found;
}

std::vector<pid_t> processes_in(const CgroupMounts& mounts, const std::string& path) {
  std::vector<pid_t> found;
  const std::vector<std::string> directories = cgroup_directories(mounts, path);
  if (directories.empty()) return found;
  for (const std::string& directory : directories_below(directories.front())) {
    std::istringstream pids(read_file_if_exists(directory + "/cgroup.procs").value_or(""));
    for (pid_t pid; pids >> pid;) {
      if (pid > 0) found.push_back(pid);  // 0: a process outside of our own pid namespace
    }
  }
  return found;
}

void kill_once(const CgroupMounts& mounts, const std::string& path) {
  if (mounts.unified && write_if_there(mounts.v2 + "/" + path + "/cgroup.kill", "1")) return;
  // Without cgroup.kill (v1): nobody forks and no pid is reused between reading the list and killing those on it.
  freeze_cgroup(mounts, path, true);
  for (const pid_t pid : processes_in(mounts, path)) ::kill(pid, SIGKILL);
  thaw_cgroup(mounts, path);
  // Frozen from above, where others are held who are none of ours to thaw.
  if (!mounts.unified && thaw_command(mounts, path))
    for (const pid_t pid : processes_in(mounts, path)) release_killed(mounts, pid);
}

bool kill_cgroup(const CgroupMounts& mounts, const std::string& path) {
  for (const auto deadline = clock::now() + patience; clock::now() < deadline; wait_a_millisecond()) {
    if (processes_in(mounts, path).empty()) return true;
    kill_once(mounts, path);
  }
  return processes_in(mounts, path).empty();
}

}  // namespace tandem::linux_
