// What pods share: the kernel takes a tenth of a second to remove a bridge, for which nobody has to wait.
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "core/os/signals.hpp"
#include "pods/linux/cgroup.hpp"
#include "pods/network/network.hpp"
#include "pods/supervise/client.hpp"

namespace tandem::supervise {
namespace {

// Who replaces a pod, or starts the next one, finds the bridge still there.
constexpr std::chrono::seconds until_unused{1};

fs::path failure_path(const state::Roots& roots) { return roots.run / "unused.failed"; }

void remove_what_is_unused(const state::Roots& roots) {
  try {
    network::remove_unused(roots);
    fs::remove(failure_path(roots));
  } catch (const Error& error) {
    try {
      replace_file(failure_path(roots), error.what());
    } catch (const Error&) {  // the directory is gone, too
    }
  }
}

// `waiting` is held while it waits: whoever deletes a pod meanwhile need not start another, as it looks afterwards.
[[noreturn]] void wait_and_remove(const state::Roots& roots, unique_fd waiting) {
  ::setsid();
  ::prctl(PR_SET_NAME, "tandem-unused", 0, 0, 0);
  reset_signals();
  const unique_fd null = open_file("/dev/null", O_RDWR);
  for (const int number : {0, 1, 2}) ::dup2(null.get(), number);
  close_all_but({0, 1, 2, waiting.get()});
  attempt([] { return ::chdir("/"); });
  std::this_thread::sleep_for(until_unused);
  waiting.reset();
  remove_what_is_unused(roots);
  ::_exit(0);
}

}  // namespace

std::string remove_unused_later(const state::Roots& roots) {
  for (const std::string& directory : linux_::cgroup_directories(linux_::find_cgroup_mounts(), roots.cgroup_parent()))
    ::rmdir(directory.c_str());  // only when no pod is in it
  if (!network::is_bridge_there(roots)) return "";
  if (auto waiting = try_lock_file(roots.run / "unused.lock")) {
    const pid_t child = check([] { return ::fork(); }, "fork", "a process that removes what no pod uses");
    if (child == 0) {
      if (::fork() != 0) ::_exit(0);
      wait_and_remove(roots, std::move(*waiting));
    }
    check([&] { return ::waitpid(child, nullptr, 0); }, "wait for", "a process that removes what no pod uses");
  }
  return read_file_if_exists(failure_path(roots)).value_or("");
}

}  // namespace tandem::supervise
