// The pod's /dev/shm.
#include <sys/mount.h>
#include <unistd.h>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "pods/linux/mounts.hpp"
#include "pods/linux/sandbox.hpp"

namespace tandem::linux_ {

void create_shared_memory(const plan::Plan& plan, const state::PodPaths& paths) {
  const fs::path directory = paths.run / "shm";
  if (plan.host_ipc || is_mount_point(directory)) return;
  make_directories(directory, 0700);
  check(
      [&] {
        return ::mount("shm", directory.c_str(), "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=1777,size=67108864");
      },
      "mount tmpfs", directory);
}

void remove_shared_memory(const state::PodPaths& paths) {
  const fs::path directory = paths.run / "shm";
  unmount(directory);
  remove_tree(directory);
}

}  // namespace tandem::linux_
