#include "pods/linux/container_terminal.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "pods/linux/paths_in_root.hpp"

namespace tandem::linux_ {
namespace {

constexpr const char* multiplexer = "/dev/pts/ptmx";

unique_fd open_root_of(const ProcessId& init) {
  unique_fd root = open_file("/proc/" + std::to_string(init.pid) + "/root", O_PATH | O_DIRECTORY);
  if (identify(init.pid) != init)
    throw Error(Fault::environment, "open terminal in", "the container", "it has just ended");
  return root;
}

// The container may have put anything there: only a devpts' multiplexer is opened.
unique_fd open_multiplexer(int root) {
  const unique_fd found = open_in_root(root, multiplexer);
  struct statfs filesystem {};
  struct stat status {};
  check([&] { return ::fstatfs(found.get(), &filesystem); }, "look at", multiplexer);
  check([&] { return ::fstat(found.get(), &status); }, "look at", multiplexer);
  if (filesystem.f_type != DEVPTS_SUPER_MAGIC || !S_ISCHR(status.st_mode) || status.st_rdev != makedev(5, 2)) {
    throw Error(Fault::environment, "open terminal", multiplexer, "the container has something else there",
                "run the command without -t");
  }
  return open_file("/proc/self/fd/" + std::to_string(found.get()), O_RDWR | O_NOCTTY);
}

}  // namespace

PseudoTerminal open_terminal_in_container(const ProcessId& init, const plan::Identity& owner) {
  PseudoTerminal terminal;
  const unique_fd root = open_root_of(init);
  terminal.master = open_multiplexer(root.get());
  int locked = 0;
  check([&] { return ::ioctl(terminal.master.get(), TIOCSPTLCK, &locked); }, "unlock", "pseudo-terminal");
  terminal.slave.reset(check([&] { return ::ioctl(terminal.master.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC); },
                             "open", "pseudo-terminal"));
  check([&] { return ::fchown(terminal.slave.get(), owner.uid, static_cast<gid_t>(-1)); }, "chown", "pseudo-terminal");
  return terminal;
}

}  // namespace tandem::linux_
