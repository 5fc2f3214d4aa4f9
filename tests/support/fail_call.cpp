// fail-call SYSCALL ERRNO PROGRAM [ARGUMENT...]: runs a program for which that system call always fails. ERRNO is a
// number. Needs no privilege and no namespace, so that it works in a container and in a chroot too.
#include <seccomp.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fputs("usage: fail-call SYSCALL ERRNO PROGRAM [ARGUMENT...]\n", stderr);
    return 64;
  }
  const int call = seccomp_syscall_resolve_name(argv[1]);
  const auto code = static_cast<std::uint32_t>(std::atoi(argv[2]));
  const scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
  if (call == __NR_SCMP_ERROR || code == 0 || !filter || seccomp_rule_add(filter, SCMP_ACT_ERRNO(code), call, 0) != 0 ||
      seccomp_load(filter) != 0) {
    std::fprintf(stderr, "fail-call: cannot make %s fail with %s\n", argv[1], argv[2]);
    return 71;
  }
  seccomp_release(filter);
  ::execvp(argv[3], argv + 3);
  std::perror(argv[3]);
  return 127;
}
