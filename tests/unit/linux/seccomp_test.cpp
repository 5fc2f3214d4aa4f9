#include <errno.h>
#include <linux/audit.h>
#include <sched.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstring>

#include "core/os/files.hpp"
#include "tests/support/servers.hpp"
#include "tests/unit/linux/bpf.hpp"

using namespace tandem;
using namespace tandem::linux_;

namespace {

constexpr std::uint32_t allow = SECCOMP_RET_ALLOW;
constexpr std::uint32_t denied = SECCOMP_RET_ERRNO | EPERM;
constexpr std::uint32_t missing = SECCOMP_RET_ERRNO | ENOSYS;

#if defined(__x86_64__)
constexpr std::uint32_t native = AUDIT_ARCH_X86_64;
#else
constexpr std::uint32_t native = AUDIT_ARCH_AARCH64;
#endif

const SeccompFilter& default_filter() {
  static const SeccompFilter filter = compile_default_filter(parse_capabilities(default_capabilities()));
  return filter;
}

std::uint32_t ask(long number, std::uint64_t first = 0, const SeccompFilter& filter = default_filter(),
                  std::uint32_t architecture = native) {
  seccomp_data call{};
  call.nr = static_cast<int>(number);
  call.arch = architecture;
  call.args[0] = first;
  return test::evaluate(filter, call);
}

}  // namespace

TEST_CASE("the default filter lets through what programs live of") {
  for (const long number :
       {SYS_read, SYS_write, SYS_openat, SYS_execve, SYS_mmap, SYS_futex, SYS_epoll_wait, SYS_accept4, SYS_statx,
        SYS_rseq, SYS_close_range, SYS_faccessat2, SYS_exit_group, SYS_chroot}) {
    CAPTURE(number);
    CHECK(ask(number) == allow);
  }
}

TEST_CASE("known but dangerous calls are EPERM") {
  for (const long number :
       {SYS_mount, SYS_umount2, SYS_reboot, SYS_kexec_load, SYS_init_module, SYS_bpf, SYS_unshare, SYS_setns,
        SYS_keyctl, SYS_add_key, SYS_userfaultfd, SYS_io_uring_setup, SYS_perf_event_open, SYS_swapon, SYS_pivot_root,
        SYS_open_by_handle_at, SYS_settimeofday, SYS_process_vm_readv}) {
    CAPTURE(number);
    CHECK(ask(number) == denied);
  }
}

TEST_CASE("calls newer than the profile are ENOSYS, so that libcs fall back") {
  CHECK(ask(452) == missing);  // fchmodat2
  CHECK(ask(100'000) == missing);
  CHECK(ask(-1) == missing);
  CHECK(ask(SYS_clone3) == missing);  // its flags cannot be read by a filter
}

TEST_CASE("a process may be cloned, but not into new namespaces") {
  CHECK(ask(SYS_clone, SIGCHLD) == allow);
  CHECK(ask(SYS_clone, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD) == allow);
  for (const std::uint64_t flag :
       {CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET}) {
    CAPTURE(flag);
    CHECK(ask(SYS_clone, flag | SIGCHLD) == denied);
  }
}

TEST_CASE("sockets of families that programs do not live of, and odd personalities, are refused by their arguments") {
  for (const int family : {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET}) CHECK(ask(SYS_socket, family) == allow);
  for (const int family : {AF_VSOCK, AF_ALG, AF_RXRPC, AF_RDS, AF_CAN, AF_TIPC, AF_KEY, AF_BLUETOOTH, AF_XDP}) {
    CAPTURE(family);
    CHECK(ask(SYS_socket, family) == denied);
  }
  CHECK(ask(SYS_personality, 0xffffffff) == allow);
  CHECK(ask(SYS_personality, READ_IMPLIES_EXEC) == denied);
}

TEST_CASE("a capability opens the calls that it guards") {
  const SeccompFilter filter = compile_default_filter(parse_capabilities({"CAP_SYS_ADMIN", "CAP_SYS_TIME"}));
  for (const long number : {SYS_mount, SYS_unshare, SYS_setns, SYS_clone3, SYS_settimeofday, SYS_bpf}) {
    CAPTURE(number);
    CHECK(ask(number, 0, filter) == allow);
  }
  CHECK(ask(SYS_clone, CLONE_NEWUSER, filter) == allow);
  CHECK(ask(SYS_chroot, 0, filter) == denied);
  CHECK(ask(SYS_kexec_load, 0, filter) == denied);
}

#if defined(__x86_64__)
TEST_CASE("32-bit programs are filtered by their own numbers, and x32 is not there") {
  CHECK(ask(4, 0, default_filter(), AUDIT_ARCH_I386) == allow);          // write
  CHECK(ask(21, 0, default_filter(), AUDIT_ARCH_I386) == denied);        // mount
  CHECK(ask(359, AF_INET, default_filter(), AUDIT_ARCH_I386) == allow);  // socket
  CHECK(ask(359, AF_ALG, default_filter(), AUDIT_ARCH_I386) == denied);
  CHECK(ask(102, 1, default_filter(), AUDIT_ARCH_I386) == denied);  // socketcall(SYS_SOCKET)
  CHECK(ask(102, 9, default_filter(), AUDIT_ARCH_I386) == allow);   // socketcall(SYS_SEND)
  CHECK(ask(100'000, 0, default_filter(), AUDIT_ARCH_I386) == missing);
  CHECK(ask(0x40000000 | SYS_write) == missing);
}
#endif

TEST_CASE("programs of an architecture that the filter does not know get no call through") {
  CHECK(ask(SYS_read, 0, default_filter(), AUDIT_ARCH_S390X) == missing);
}

TEST_CASE("a compiled filter is kept in a file, per set of capabilities, and damage is noticed") {
  const test::TemporaryDirectory folder;
  const CapabilitySet plain = parse_capabilities(default_capabilities());
  const SeccompFilter first = cached_default_filter(folder / "cache", plain);
  cached_default_filter(folder / "cache", plain | parse_capabilities({"CAP_SYS_ADMIN"}));
  REQUIRE(list_directory(folder / "cache").size() == 2);

  const auto same = [](const SeccompFilter& a, const SeccompFilter& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof a[0]) == 0;
  };
  CHECK(same(first, cached_default_filter(folder / "cache", plain)));
  for (const std::string& name : list_directory(folder / "cache")) {
    std::string bytes = read_file(folder / "cache" / name);
    bytes[bytes.size() / 2] ^= 1;
    write_file(folder / "cache" / name, bytes);
  }
  CHECK(same(first, cached_default_filter(folder / "cache", plain)));
  for (const std::string& name : list_directory(folder / "cache")) write_file(folder / "cache" / name, "");
  CHECK(same(first, cached_default_filter(folder / "cache", plain)));
}

TEST_CASE("the kernel takes the filter and answers as the evaluation said") {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    load_filter(default_filter());
    if (::syscall(SYS_unshare, CLONE_NEWUSER) != -1 || errno != EPERM) ::_exit(1);
    if (::syscall(SYS_clone3, nullptr, 0) != -1 || errno != ENOSYS) ::_exit(2);
    if (::syscall(10'000) != -1 || errno != ENOSYS) ::_exit(3);
    if (::syscall(SYS_getppid) < 0) ::_exit(4);
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}
