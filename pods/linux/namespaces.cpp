#include "pods/linux/namespaces.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "pods/linux/child.hpp"
#include "pods/linux/mounts.hpp"
#include "pods/linux/sandbox.hpp"

namespace tandem::linux_ {
namespace {

struct Space {
  const char* name;
  int flag;
};
constexpr Space spaces[] = {{"net", CLONE_NEWNET}, {"ipc", CLONE_NEWIPC}, {"uts", CLONE_NEWUTS}};

bool is_own(const plan::Plan& plan, const Space& space) {
  if (space.flag == CLONE_NEWIPC) return !plan.host_ipc;
  return plan.network.mode != plan::NetworkMode::host;
}

bool is_pinned(const fs::path& file) {
  struct statfs status;
  return ::statfs(file.c_str(), &status) == 0 && status.f_type == NSFS_MAGIC;
}

void pin(const std::string& source, const fs::path& file) {
  write_file(file, "", 0600);
  check([&] { return ::mount(source.c_str(), file.c_str(), nullptr, MS_BIND, nullptr); }, "pin namespace at", file);
}

void enter(const fs::path& file, int flag) {
  const unique_fd space = open_file(file, O_RDONLY);
  check([&] { return ::setns(space.get(), flag); }, "enter namespace", file);
}

void write_sysctl(const std::string& name, const std::string& value) {
  const std::string file = sysctl_file(name);
  const char* hint = "does this kernel have it, and does it belong to a namespace?";
  const unique_fd fd(check([&] { return ::open(file.c_str(), O_WRONLY | O_CLOEXEC); }, "set sysctl", name, hint));
  check([&] { return ::write(fd.get(), value.data(), value.size()); }, "set sysctl", name + "=" + value, hint);
}

// Runs `work` in a child, so that this process stays where it is, and throws what it threw.
void in_child(std::uint64_t namespaces, const std::function<void()>& work,
              const std::function<void(pid_t)>& meanwhile) {
  Child child(namespaces, -1, [&] {
    work();
    announce_exec();
    ::_exit(0);
  });
  meanwhile(child.pid());
  child.release();
  child.wait_for_exec();
}

}  // namespace

std::string sysctl_file(const std::string& name) {
  std::string path = name;
  for (char& c : path) c = c == '.' ? '/' : c == '/' ? '.' : c;
  const bool leaves = path.empty() || path.find("//") != std::string::npos || path.find("..") != std::string::npos ||
                      path.starts_with('/') || path.ends_with('/') || path.find('\0') != std::string::npos;
  if (leaves) throw Error(Fault::input, "set sysctl", name, "it is no name of a sysctl");
  return "/proc/sys/" + path;
}

void create_namespaces(const plan::Plan& plan, const state::PodPaths& paths) {
  make_directories(paths.namespaces(), 0700);
  std::uint64_t missing = 0;
  for (const Space& space : spaces) {
    const fs::path file = paths.namespaces() / space.name;
    if (is_pinned(file)) continue;
    if (is_own(plan, space)) {
      missing |= static_cast<std::uint64_t>(space.flag);
    } else {
      pin(std::string("/proc/self/ns/") + space.name, file);
    }
  }
  if (missing) {
    in_child(
        missing, [] {},
        [&](pid_t pid) {
          for (const Space& space : spaces) {
            if (!(missing & static_cast<std::uint64_t>(space.flag))) continue;
            pin("/proc/" + std::to_string(pid) + "/ns/" + space.name, paths.namespaces() / space.name);
          }
        });
  }
  // Set every time: the step may have been interrupted right after the pins.
  const bool own_uts = is_own(plan, spaces[2]);
  if (!own_uts && plan.sysctls.empty()) return;
  const auto configure = [&] {
    enter_pod_namespaces(paths);
    if (own_uts) {
      check([&] { return ::sethostname(plan.hostname.data(), plan.hostname.size()); }, "set hostname", plan.hostname);
    }
    for (const auto& [name, value] : plan.sysctls) write_sysctl(name, value);
  };
  in_child(0, configure, [](pid_t) {});
}

void remove_namespaces(const state::PodPaths& paths) {
  for (const Space& space : spaces) {
    const fs::path file = paths.namespaces() / space.name;
    unmount(file);
    check([&] { return ::unlink(file.c_str()) == 0 || errno == ENOENT || errno == ENOTDIR ? 0 : -1; }, "remove", file);
  }
  ::rmdir(paths.namespaces().c_str());
}

void enter_pod_namespaces(const state::PodPaths& paths) {
  for (const Space& space : spaces) enter(paths.namespaces() / space.name, space.flag);
}

}  // namespace tandem::linux_
