#include "tests/security/hostile_calls.hpp"

#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>

namespace hostile {

namespace {

struct Call {
  const char* name;
  long (*make)();
};

// In a child, as a namespace that was made would change what the next attempt means.
void in_a_child(const Call& call) {
  const pid_t child = fork();
  if (child == 0) {
    say_outcome(call.name, call.make());
    _exit(0);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return say(std::string(call.name) + " not tried");
  if (WIFSIGNALED(status)) say(std::string(call.name) + " refused: the kernel has no such calls");
}

template <int number, long... arguments>
long plain() {
  return syscall(number, arguments...);
}

template <int family, int type, int protocol = 0>
long family_socket() {
  return socket(family, type, protocol);
}

long enter_namespace() { return setns(open("/proc/1/ns/net", O_RDONLY | O_CLOEXEC), 0); }
long make_user_namespace() { return syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0); }
long make_user_namespace_by_clone3() {
  std::uint64_t arguments[11] = {CLONE_NEWUSER};
  arguments[4] = SIGCHLD;
  return syscall(SYS_clone3, arguments, sizeof arguments);
}
long mount_tmpfs() { return mount("x", "/tmp", "tmpfs", 0, nullptr); }
long mount_cgroup() { return mount("x", "/tmp", "cgroup", 0, "memory"); }
long mount_proc() { return mount("x", "/tmp", "proc", 0, nullptr); }
long make_proc_writable() { return mount(nullptr, "/proc/sys", nullptr, MS_REMOUNT | MS_BIND, nullptr); }
long take_off_a_mask() { return umount2("/proc/keys", MNT_DETACH); }
long open_by_handle() {
  struct {
    file_handle head{8, 1, {}};
    std::uint64_t inode = 2;
  } handle;
  return syscall(SYS_open_by_handle_at, AT_FDCWD, &handle, O_RDONLY);
}
long make_disk() { return mknod("/tmp/disk", S_IFBLK | 0600, makedev(8, 0)); }

// 32-bit calls from a 64-bit program: socketcall has its arguments where no filter can read them (CVE-2026-31431).
long socket_by_socketcall() {
#if defined(__x86_64__)
  constexpr int af_alg = 38, make_socket = 1, socketcall = 102;
  void* low = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
  if (low == MAP_FAILED) return -1;
  const std::uint32_t arguments[] = {af_alg, SOCK_SEQPACKET, 0};
  memcpy(low, arguments, sizeof arguments);
  long result = socketcall;
  __asm__ volatile("int $0x80"
                   : "+a"(result)
                   : "b"(static_cast<long>(make_socket)), "c"(low)
                   : "memory", "r8", "r9", "r10", "r11");
  const int answer = static_cast<int>(result);
  if (answer >= 0) return answer;
  errno = -answer;
  return -1;
#else
  errno = ENOSYS;
  return -1;
#endif
}

constexpr Call calls[] = {
    {"unshare-user", plain<SYS_unshare, CLONE_NEWUSER>},
    {"unshare-mount", plain<SYS_unshare, CLONE_NEWNS>},
    {"unshare-cgroup", plain<SYS_unshare, CLONE_NEWCGROUP>},
    {"unshare-network", plain<SYS_unshare, CLONE_NEWNET>},
    {"clone-user", make_user_namespace},
    {"clone3-user", make_user_namespace_by_clone3},
    {"setns", enter_namespace},
    {"mount-tmpfs", mount_tmpfs},
    {"mount-proc", mount_proc},
    {"mount-cgroup", mount_cgroup},
    {"remount-proc-sys", make_proc_writable},
    {"unmount-mask", take_off_a_mask},
    {"fsopen", plain<SYS_fsopen, 0, 0>},
    {"open_tree", plain<SYS_open_tree, AT_FDCWD, 0, 1>},
    {"move_mount", plain<SYS_move_mount, -1, 0, -1, 0, 0>},
    {"mount_setattr", plain<SYS_mount_setattr, -1, 0, 0, 0, 0>},
    {"pivot_root", plain<SYS_pivot_root, 0, 0>},
    {"open_by_handle_at", open_by_handle},
    {"mknod-disk", make_disk},
    {"bpf", plain<SYS_bpf, 0, 0, 0>},
    {"perf_event_open", plain<SYS_perf_event_open, 0, 0, -1, -1, 0>},
    {"io_uring_setup", plain<SYS_io_uring_setup, 1, 0>},
    {"userfaultfd", plain<SYS_userfaultfd, 0>},
    {"add_key", plain<SYS_add_key, 0, 0, 0, 0, 0>},
    {"keyctl", plain<SYS_keyctl, 0, -3, 0, 0, 0>},
    {"process_vm_readv", plain<SYS_process_vm_readv, 1, 0, 0, 0, 0, 0>},
    {"process_vm_writev", plain<SYS_process_vm_writev, 1, 0, 0, 0, 0, 0>},
    {"kcmp", plain<SYS_kcmp, 1, 1, 0, 0, 0>},
    {"pidfd_getfd", plain<SYS_pidfd_getfd, -1, 0, 0>},
    {"init_module", plain<SYS_init_module, 0, 0, 0>},
    {"finit_module", plain<SYS_finit_module, -1, 0, 0>},
    {"delete_module", plain<SYS_delete_module, 0, 0>},
    {"kexec_load", plain<SYS_kexec_load, 0, 0, 0, ~0l>},
    {"swapon", plain<SYS_swapon, 0, 0>},
    {"acct", plain<SYS_acct, 1>},
    {"syslog", plain<SYS_syslog, 10, 0, 0>},
    {"quotactl", plain<SYS_quotactl, -1, 0, 0, 0>},
    {"settimeofday", plain<SYS_settimeofday, 1, 0>},
    {"sethostname", plain<SYS_sethostname, 0, 0>},
    {"socket-alg", family_socket<38, SOCK_SEQPACKET>},
    {"socket-alg-32-bit", socket_by_socketcall},
    {"socket-rxrpc", family_socket<33, SOCK_DGRAM>},
    {"socket-vsock", family_socket<40, SOCK_STREAM>},
    {"socket-rds", family_socket<21, SOCK_SEQPACKET>},
    {"socket-can", family_socket<29, SOCK_RAW>},
    {"socket-tipc", family_socket<30, SOCK_SEQPACKET>},
    {"socket-key", family_socket<15, SOCK_RAW>},
    {"socket-bluetooth", family_socket<31, SOCK_RAW>},
    {"socket-smc", family_socket<43, SOCK_STREAM>},
    {"socket-xdp", family_socket<44, SOCK_RAW>},
    {"socket-packet", family_socket<AF_PACKET, SOCK_RAW>},
    {"socket-raw", family_socket<AF_INET, SOCK_RAW, 1>},
};

}  // namespace

void say(const std::string& line) {
  printf("%s\n", line.c_str());
  fflush(stdout);
}

std::string refused(int error_number) { return std::string("refused: ") + strerror(error_number); }

void say_outcome(const std::string& what, long result) {
  // Most arguments are nonsense: with any other answer than these the kernel has looked at them.
  const bool stopped = result < 0 && (errno == EPERM || errno == ENOSYS || errno == EACCES);
  say(what + (stopped ? " " + refused(errno) : " could: " + std::string(result < 0 ? strerror(errno) : "done")));
}

int try_calls() {
  for (const Call& call : calls) in_a_child(call);
  return 0;
}

int reach_processes(const std::vector<std::string>& pids) {
  for (const std::string& text : pids) {
    const pid_t pid = atoi(text.c_str());
    const auto outcome = [&](const char* what, long result) {
      say(text + " " + what + (result < 0 ? " " + refused(errno) : " could"));
    };
    outcome("signal", kill(pid, 0));
    outcome("pidfd", syscall(SYS_pidfd_open, pid, 0));
    outcome("trace", ptrace(PTRACE_SEIZE, pid, nullptr, nullptr));
    for (const char* file : {"/root", "/cwd", "/exe", "/fd", "/mem", "/ns/mnt"}) {
      outcome(file, open(("/proc/" + text + file).c_str(), O_RDONLY | O_CLOEXEC));
    }
  }
  return 0;
}

}  // namespace hostile
