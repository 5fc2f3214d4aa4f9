// Which calls the default filter lets through, as Linux 5.17 knows them. Not here, so EPERM for everybody: what reaches
// the whole machine (kexec, swap, keys, quotas, clocks, modules), what has been a way out of containers (userfaultfd,
// io_uring, name spaces, new mounts), and what nobody has used for decades.
#include "pods/linux/seccomp.hpp"

namespace tandem::linux_ {

// `clone`, `socket` and `personality` have rules of their own (seccomp.cpp), by their arguments.
const std::vector<const char*>& allowed_calls() {
  static const std::vector<const char*> names = {
      "accept", "accept4", "access", "adjtimex", "alarm", "arch_prctl", "bind", "brk", "capget", "capset", "chdir",
      "chmod", "chown", "clock_adjtime", "clock_getres", "clock_gettime", "clock_nanosleep", "close", "close_range",
      "connect", "copy_file_range", "creat", "dup", "dup2", "dup3", "epoll_create", "epoll_create1", "epoll_ctl",
      "epoll_ctl_old", "epoll_pwait", "epoll_pwait2", "epoll_wait", "epoll_wait_old", "eventfd", "eventfd2", "execve",
      "execveat", "exit", "exit_group", "faccessat", "faccessat2", "fadvise64", "fallocate", "fanotify_mark", "fchdir",
      "fchmod", "fchmodat", "fchown", "fchownat", "fcntl", "fdatasync", "fgetxattr", "flistxattr", "flock", "fork",
      "fremovexattr", "fsetxattr", "fstat", "fstatfs", "fsync", "ftruncate", "futex", "futex_waitv", "futimesat",
      "get_robust_list", "get_thread_area", "getcpu", "getcwd", "getdents", "getdents64", "getegid", "geteuid",
      "getgid", "getgroups", "getitimer", "getpeername", "getpgid", "getpgrp", "getpid", "getppid", "getpriority",
      "getrandom", "getresgid", "getresuid", "getrlimit", "getrusage", "getsid", "getsockname", "getsockopt", "gettid",
      "gettimeofday", "getuid", "getxattr", "inotify_add_watch", "inotify_init", "inotify_init1", "inotify_rm_watch",
      "io_cancel", "io_destroy", "io_getevents", "io_pgetevents", "io_setup", "io_submit", "ioctl", "ioprio_get",
      "ioprio_set", "kill", "landlock_add_rule", "landlock_create_ruleset", "landlock_restrict_self", "lchown",
      "lgetxattr", "link", "linkat", "listen", "listxattr", "llistxattr", "lremovexattr", "lseek", "lsetxattr", "lstat",
      "madvise", "membarrier", "memfd_create", "memfd_secret", "mincore", "mkdir", "mkdirat", "mknod", "mknodat",
      "mlock", "mlock2", "mlockall", "mmap", "modify_ldt", "mprotect", "mq_getsetattr", "mq_notify", "mq_open",
      "mq_timedreceive", "mq_timedsend", "mq_unlink", "mremap", "msgctl", "msgget", "msgrcv", "msgsnd", "msync",
      "munlock", "munlockall", "munmap", "name_to_handle_at", "nanosleep", "newfstatat", "open", "openat", "openat2",
      "pause", "pidfd_open", "pidfd_send_signal", "pipe", "pipe2", "pkey_alloc", "pkey_free", "pkey_mprotect", "poll",
      "ppoll", "prctl", "pread64", "preadv", "preadv2", "prlimit64", "process_mrelease", "pselect6", "ptrace",
      "pwrite64", "pwritev", "pwritev2", "read", "readahead", "readlink", "readlinkat", "readv", "recvfrom", "recvmmsg",
      "recvmsg", "remap_file_pages", "removexattr", "rename", "renameat", "renameat2", "restart_syscall", "rmdir",
      "rseq", "rt_sigaction", "rt_sigpending", "rt_sigprocmask", "rt_sigqueueinfo", "rt_sigreturn", "rt_sigsuspend",
      "rt_sigtimedwait", "rt_tgsigqueueinfo", "sched_get_priority_max", "sched_get_priority_min", "sched_getaffinity",
      "sched_getattr", "sched_getparam", "sched_getscheduler", "sched_rr_get_interval", "sched_setaffinity",
      "sched_setattr", "sched_setparam", "sched_setscheduler", "sched_yield", "seccomp", "select", "semctl", "semget",
      "semop", "semtimedop", "sendfile", "sendmmsg", "sendmsg", "sendto", "set_robust_list", "set_thread_area",
      "set_tid_address", "setfsgid", "setfsuid", "setgid", "setgroups", "setitimer", "setpgid", "setpriority",
      "setregid", "setresgid", "setresuid", "setreuid", "setrlimit", "setsid", "setsockopt", "setuid", "setxattr",
      "shmat", "shmctl", "shmdt", "shmget", "shutdown", "sigaltstack", "signalfd", "signalfd4", "socketpair", "splice",
      "stat", "statfs", "statx", "symlink", "symlinkat", "sync", "sync_file_range", "syncfs", "sysinfo", "tee",
      "tgkill", "time", "timer_create", "timer_delete", "timer_getoverrun", "timer_gettime", "timer_settime",
      "timerfd_create", "timerfd_gettime", "timerfd_settime", "times", "tkill", "truncate", "umask", "uname", "unlink",
      "unlinkat", "utime", "utimensat", "utimes", "vfork", "vmsplice", "wait4", "waitid", "write", "writev",

      // Only on 32-bit architectures.
      "_llseek", "_newselect", "chown32", "clock_adjtime64", "clock_getres_time64", "clock_gettime64",
      "clock_nanosleep_time64", "fadvise64_64", "fchown32", "fcntl64", "fstat64", "fstatat64", "fstatfs64",
      "ftruncate64", "futex_time64", "getegid32", "geteuid32", "getgid32", "getgroups32", "getresgid32", "getresuid32",
      "getuid32", "io_pgetevents_time64", "ipc", "lchown32", "lstat64", "mmap2", "mq_timedreceive_time64",
      "mq_timedsend_time64", "ppoll_time64", "pselect6_time64", "recv", "recvmmsg_time64", "rt_sigtimedwait_time64",
      "sched_rr_get_interval_time64", "semtimedop_time64", "send", "sendfile64", "setfsgid32", "setfsuid32", "setgid32",
      "setgroups32", "setregid32", "setresgid32", "setresuid32", "setreuid32", "setuid32", "sigaction", "signal",
      "sigpending", "sigprocmask", "sigreturn", "sigsuspend", "socketcall", "stat64", "statfs64", "timer_gettime64",
      "timer_settime64", "timerfd_gettime64", "timerfd_settime64", "truncate64", "ugetrlimit", "utimensat_time64",
      "waitpid"};
  return names;
}

const std::vector<GuardedCalls>& guarded_calls() {
  static const std::vector<GuardedCalls> calls = {
      {parse_capabilities({"CAP_SYS_ADMIN"}),
       {"bpf",           "clone3",      "fanotify_init",   "fsconfig", "fsmount",
        "fsopen",        "fspick",      "lookup_dcookie",  "mount",    "mount_setattr",
        "move_mount",    "open_tree",   "perf_event_open", "quotactl", "quotactl_fd",
        "setdomainname", "sethostname", "setns",           "syslog",   "umount",
        "umount2",       "unshare"}},
      {parse_capabilities({"CAP_BPF"}), {"bpf"}},
      {parse_capabilities({"CAP_PERFMON"}), {"perf_event_open"}},
      {parse_capabilities({"CAP_SYSLOG"}), {"syslog"}},
      {parse_capabilities({"CAP_DAC_READ_SEARCH"}), {"open_by_handle_at"}},
      {parse_capabilities({"CAP_SYS_BOOT"}), {"reboot"}},
      {parse_capabilities({"CAP_SYS_CHROOT"}), {"chroot"}},
      {parse_capabilities({"CAP_SYS_MODULE"}), {"delete_module", "finit_module", "init_module"}},
      {parse_capabilities({"CAP_SYS_PACCT"}), {"acct"}},
      {parse_capabilities({"CAP_SYS_PTRACE"}),
       {"kcmp", "pidfd_getfd", "process_madvise", "process_vm_readv", "process_vm_writev"}},
      {parse_capabilities({"CAP_SYS_RAWIO"}), {"ioperm", "iopl"}},
      {parse_capabilities({"CAP_SYS_TIME"}), {"clock_settime", "clock_settime64", "settimeofday", "stime"}},
      {parse_capabilities({"CAP_SYS_TTY_CONFIG"}), {"vhangup"}},
      {parse_capabilities({"CAP_SYS_NICE"}),
       {"get_mempolicy", "mbind", "move_pages", "set_mempolicy", "set_mempolicy_home_node"}},
  };
  return calls;
}

}  // namespace tandem::linux_
