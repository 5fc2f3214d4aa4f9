// The floor under every launcher: three containers by clone(namespaces), each with cgroups, an overlay root, a seccomp
// filter and exec, in a network of their own on a bridge or in the host's; and their end. Nothing else: no record, no
// limits, no logs, nobody who watches.
//   launch-bare launch FOLDER ROOT READY host|BRIDGE ARG...   ROOT is the overlay's lower directory, /ready in it the
//                                                             mount point for READY; prints the pids
//   launch-bare stop FOLDER PID...                            kills them and removes cgroups and overlays
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/veth.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

const char* const names[] = {"a", "b", "c"};

void need(long result, const char* what) {
  if (result >= 0) return;
  std::perror(what);
  std::_Exit(1);
}

// The hierarchies that Tandem uses, too.
std::vector<fs::path> cgroups() {
  const fs::path root = "/sys/fs/cgroup";
  if (fs::exists(root / "cgroup.controllers")) return {root / "tandem-bare"};
  std::vector<fs::path> found;
  for (const char* controller : {"cpu", "memory", "pids", "freezer"})
    if (fs::exists(root / controller)) found.push_back(root / controller / "tandem-bare");
  return found;
}

void enter_cgroups(const char* name) {
  for (const fs::path& parent : cgroups()) {
    ::mkdir(parent.c_str(), 0755);
    need(::mkdir((parent / name).c_str(), 0755), "make cgroup");
    const fs::path v1 = parent / name / "tasks";
    const int file = ::open((fs::exists(v1) ? v1 : parent / name / "cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC);
    need(::write(file, "0", 1), "join cgroup");
    ::close(file);
  }
}

// Allows everything; what a real one costs is its own length.
void filter_system_calls() {
  sock_filter allow[] = {{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}};
  const sock_fprog program{1, allow};
  need(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
  need(::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program), "seccomp");
}

// The order is a container runtime's: own mounts, the root, the shared volume, /proc of the new pid namespace.
[[noreturn]] void become(const fs::path& folder, const char* lower, const char* ready, char** command) {
  for (const char* part : {"upper", "work", "root"}) fs::create_directories(folder / part);
  const std::string root = folder / "root";
  const std::string layers = std::string("lowerdir=") + lower + ",upperdir=" + (folder / "upper").string() +
                             ",workdir=" + (folder / "work").string();
  need(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "make mounts private");
  need(::mount("overlay", root.c_str(), "overlay", 0, layers.c_str()), "mount overlay");
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
  filter_system_calls();
  ::execv(command[0], command);
  std::_Exit(127);
}

void need_link(int result, const char* what) {
  if (result >= 0) return;
  std::fprintf(stderr, "%s: %s\n", what, nl_geterror(result));
  std::_Exit(1);
}

nl_sock* connected() {
  nl_sock* socket = nl_socket_alloc();
  need_link(nl_connect(socket, NETLINK_ROUTE), "netlink");
  return socket;
}

void set_up(nl_sock* socket, const char* name, int bridge = 0) {
  rtnl_link *link = nullptr, *changes = rtnl_link_alloc();
  need_link(rtnl_link_get_kernel(socket, 0, name, &link), name);
  rtnl_link_set_flags(changes, IFF_UP);
  if (bridge) rtnl_link_set_master(changes, bridge);
  need_link(rtnl_link_change(socket, link, changes, 0), name);
  rtnl_link_put(link);
  rtnl_link_put(changes);
}

// This process enters the pod's network.
void make_network(const char* bridge) {
  const int host = ::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  nl_sock* outside = connected();
  const int bridge_index = static_cast<int>(::if_nametoindex(bridge));
  need(bridge_index - 1, "find the bridge");
  need(::unshare(CLONE_NEWNET), "make network namespace");
  nl_sock* inside = connected();
  const std::string peer = "tb" + std::to_string(::getpid());
  need_link(rtnl_link_veth_add(inside, "eth0", peer.c_str(), ::getppid()), "make veth");
  rtnl_addr* address = rtnl_addr_alloc();
  nl_addr* local = nullptr;
  need_link(nl_addr_parse("10.254.7.2/24", AF_INET, &local), "address");
  rtnl_addr_set_ifindex(address, static_cast<int>(::if_nametoindex("eth0")));
  rtnl_addr_set_local(address, local);
  need_link(rtnl_addr_add(inside, address, 0), "add address");
  set_up(inside, "lo");
  set_up(inside, "eth0");
  set_up(outside, peer.c_str(), bridge_index);
  ::close(host);
}

int launch(const fs::path& folder, const char* lower, const char* ready, const char* network, char** command) {
  if (std::strcmp(network, "host") != 0) make_network(network);
  for (const char* name : names) {
    clone_args arguments{};
    arguments.flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS;
    arguments.exit_signal = SIGCHLD;
    const long pid = ::syscall(SYS_clone3, &arguments, sizeof arguments);
    need(pid, "clone3");
    if (pid == 0) {
      enter_cgroups(name);
      become(folder / name, lower, ready, command);
    }
    std::printf("%ld\n", pid);
  }
  return 0;
}

int stop(const fs::path& folder, int count, char** pids) {
  std::vector<pollfd> ends;
  for (int i = 0; i < count; ++i) {
    const int pid = std::atoi(pids[i]);
    ends.push_back({static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)), POLLIN, 0});
    ::kill(pid, SIGKILL);
  }
  for (pollfd& end : ends) ::poll(&end, 1, -1);
  for (const fs::path& parent : cgroups()) {
    for (const char* name : names)
      while (::rmdir((parent / name).c_str()) != 0 && errno == EBUSY) ::usleep(200);
    ::rmdir(parent.c_str());
  }
  for (const char* name : names) fs::remove_all(folder / name);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 2 ? argv[1] : "";
  if (what == "launch" && argc > 6) return launch(argv[2], argv[3], argv[4], argv[5], argv + 6);
  if (what == "stop") return stop(argv[2], argc - 3, argv + 3);
  return 64;
}
