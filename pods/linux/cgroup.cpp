// Making, filling, joining and removing cgroups.
#include "pods/linux/cgroup.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sstream>

#include "core/os/check.hpp"
#include "core/os/files.hpp"

namespace tandem::linux_ {
namespace {

// O_CREAT is for tests in plain folders: the kernel's cgroup filesystems refuse to create files.
void write_control(const std::string& file, const std::string& value, const char* hint = "") {
  const unique_fd fd(check([&] { return ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644); },
                           "open cgroup file", file, hint));
  check([&] { return ::write(fd.get(), value.data(), value.size()); }, "write cgroup file", file + " (" + value + ")",
        hint);
}

bool has_word(const std::string& text, const std::string& word) {
  std::istringstream stream(text);
  for (std::string found; stream >> found;) {
    if (found == word) return true;
  }
  return false;
}

// v2: what a directory's children may limit is switched on in the directory itself.
void enable_controllers(const std::string& directory) {
  const std::string there = read_file_if_exists(directory + "/cgroup.controllers").value_or("");
  const std::string on = read_file_if_exists(directory + "/cgroup.subtree_control").value_or("");
  for (const std::string controller : {"cpu", "memory", "pids"}) {
    if (!has_word(there, controller) || has_word(on, controller)) continue;
    write_control(
        directory + "/cgroup.subtree_control", "+" + controller,
        "a cgroup with processes of its own cannot limit children; see \"no internal processes\" in cgroups(7)");
  }
}

void create_below(const std::string& mount, const std::string& path, bool unified) {
  std::string directory = mount;
  std::istringstream parts(path);
  for (std::string part; std::getline(parts, part, '/');) {
    if (part.empty()) continue;
    if (unified) enable_controllers(directory);
    directory += "/" + part;
    const int result = attempt([&] { return ::mkdir(directory.c_str(), 0755); });
    if (result < 0 && result != -EEXIST) throw Error::from_errno("create cgroup", directory, -result);
  }
}

const std::string* mount_of(const CgroupMounts& mounts, const std::string& controller) {
  if (mounts.unified) return &mounts.v2;
  for (const auto& [name, mount] : mounts.v1) {
    if (name == controller) return &mount;
  }
  return nullptr;
}

void remove_below(const std::string& directory) {
  // A killed process leaves its cgroup a little after its parent may have reaped it.
  for (int tries = 0;; ++tries) {
    const int result = attempt([&] { return ::rmdir(directory.c_str()); });
    if (result == 0 || result == -ENOENT) return;
    if (tries == 0) {  // most have no children
      for (const std::string& name : list_subdirectories(directory)) remove_below(directory + "/" + name);
      continue;
    }
    if (result != -EBUSY || tries == 1000) {
      throw Error::from_errno("remove cgroup", directory, -result, "cgroup.procs in it names what still runs there");
    }
    const timespec one_millisecond{0, 1'000'000};
    ::nanosleep(&one_millisecond, nullptr);
  }
}

// The number after `key` in a flat-keyed file; 0 when there is none.
long long number_of(const std::string& text, const std::string& key) {
  std::istringstream stream(text);
  for (std::string name; stream >> name;) {
    long long value = 0;
    stream >> value;
    if (name == key) return value;
  }
  return 0;
}

}  // namespace

void create_cgroup(const CgroupMounts& mounts, const std::string& path) {
  const std::vector<std::string> roots = cgroup_directories(mounts, "");
  if (roots.empty()) {
    throw Error(Fault::environment, "create cgroup", path, "no cgroup hierarchy is mounted",
                "mount cgroup2 at /sys/fs/cgroup");
  }
  for (int tries = 0;; ++tries) {
    try {
      for (const std::string& root : roots) create_below(root.substr(0, root.size() - 1), path, mounts.unified);
      return;
    } catch (const Error& error) {
      // The end of another pod, the last one in the parent, took the parent away just now.
      if (error.error_number() != ENOENT || tries == 10) throw;
    }
  }
}

void apply_resources(const CgroupMounts& mounts, const std::string& path, const plan::Resources& resources) {
  for (const CgroupSetting& setting : mounts.unified ? settings_v2(resources) : settings_v1(resources)) {
    try {
      const std::string* mount = mount_of(mounts, setting.controller);
      if (!mount) {
        throw Error(Fault::environment, "set " + setting.file, path, "no cgroup controller " + setting.controller,
                    "the kernel was built or booted without it");
      }
      write_control(*mount + "/" + path + "/" + setting.file, setting.value, "is the controller there and enabled?");
    } catch (const Error&) {
      // The smallest shares are what a request of nothing asks for; a machine that has no cpu controller gives as much.
      const bool asked = setting.controller != "cpu" || resources.cpu_request || resources.cpu_limit;
      if (setting.required && asked) throw;
    }
  }
}

void join_cgroup(const CgroupMounts& mounts, const std::string& path, pid_t pid) {
  for (const std::string& directory : cgroup_directories(mounts, path)) {
    write_control(directory + "/cgroup.procs", std::to_string(pid));
  }
}

void enter_cgroup(const CgroupMounts& mounts, const std::string& path) {
  const char* file = mounts.unified ? "/cgroup.procs" : "/tasks";
  for (const std::string& directory : cgroup_directories(mounts, path)) write_control(directory + file, "0");
}

unique_fd open_cgroup(const CgroupMounts& mounts, const std::string& path) {
  if (!mounts.unified) return {};
  return open_file(mounts.v2 + "/" + path, O_RDONLY | O_DIRECTORY);
}

void remove_cgroup(const CgroupMounts& mounts, const std::string& path) {
  for (const std::string& directory : cgroup_directories(mounts, path)) remove_below(directory);
}

bool oom_killed(const CgroupMounts& mounts, const std::string& path) {
  const std::string* mount = mount_of(mounts, "memory");
  if (!mount) return false;
  const std::string file = *mount + "/" + path + (mounts.unified ? "/memory.events" : "/memory.oom_control");
  return number_of(read_file_if_exists(file).value_or(""), "oom_kill") > 0;
}

}  // namespace tandem::linux_
