// The floor under every launcher: three containers by clone(namespaces), a private root and exec; nothing else.
//   launch-bare ROOT READY host|own ARG...   ROOT/ready is the mount point for READY; prints the pids, leaves them
//   running.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include <linux/sched.h>

namespace {

void need(long result, const char* what) {
  if (result >= 0) return;
  std::perror(what);
  std::_Exit(1);
}

// The order is a container runtime's: own mounts, the shared volume, /proc of the new pid namespace, then the root.
[[noreturn]] void become(const std::string& root, const char* ready, char** command) {
  need(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "make mounts private");
  need(::mount(root.c_str(), root.c_str(), nullptr, MS_BIND | MS_REC, nullptr), "bind root");
  need(::mount(ready, (root + "/ready").c_str(), nullptr, MS_BIND, nullptr), "bind volume");
  need(::mount("proc", (root + "/proc").c_str(), "proc", 0, nullptr), "mount proc");
  need(::chdir(root.c_str()), "enter root");
  need(::syscall(SYS_pivot_root, ".", "."), "pivot_root");
  need(::umount2(".", MNT_DETACH), "leave the old root");
  need(::chdir("/"), "chdir");
  const int null = ::open("/ready/null", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  need(null, "open output");
  for (int descriptor : {1, 2}) need(::dup2(null, descriptor), "dup2");
  need(::setsid(), "setsid");
  ::execv(command[0], command);
  std::_Exit(127);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) return 64;
  const bool own_network = std::strcmp(argv[3], "own") == 0;
  if (own_network) need(::unshare(CLONE_NEWNET), "make network namespace");  // one for the pod, as pods have it
  for (int i = 0; i < 3; ++i) {
    clone_args arguments{};
    arguments.flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS;
    arguments.exit_signal = SIGCHLD;
    const long pid = ::syscall(SYS_clone3, &arguments, sizeof arguments);
    need(pid, "clone3");
    if (pid == 0) become(argv[1], argv[2], argv + 4);
    std::printf("%ld\n", pid);
  }
  return 0;
}
