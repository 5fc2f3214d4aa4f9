#include "pods/linux/own_program.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <vector>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "pods/linux/mounts.hpp"

namespace tandem::linux_ {
namespace {

constexpr const char* own_program = "/proc/self/exe";

bool is_read_only() {
  struct statvfs status {};
  check([&] { return ::statvfs(own_program, &status); }, "ask for the mount of", own_program);
  return status.f_flag & ST_RDONLY;
}

}  // namespace

unique_fd open_read_only(const std::string& program) {
  const unique_fd file = open_file(program, O_PATH);
  unique_fd mount = clone_mount(file.get(), program, false);
  add_attributes(mount.get(), MOUNT_ATTR_RDONLY, false, program);
  return mount;
}

void run_read_only() {
  if (is_read_only()) return;
  const unique_fd program = open_read_only(own_program);
  const std::string arguments = read_file("/proc/self/cmdline");  // each with its NUL
  std::vector<char*> pointers;
  for (std::size_t at = 0; at < arguments.size(); at = arguments.find('\0', at) + 1) {
    pointers.push_back(const_cast<char*>(arguments.data() + at));
  }
  pointers.push_back(nullptr);
  ::syscall(SYS_execveat, program.get(), "", pointers.data(), environ, AT_EMPTY_PATH);
  throw Error::from_errno("execute anew", own_program, errno);
}

void require_read_only_program() {
  if (!is_read_only())
    throw Error(Fault::bug, "start a program in a container", own_program, "a container could write to it");
}

}  // namespace tandem::linux_
