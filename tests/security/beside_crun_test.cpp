// The same attempts beside each other: in a pod, and in a container of crun's with what podman grants by default. A
// second judge of what a container may do, who shares no line with us.
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "core/os/files.hpp"
#include "pods/linux/seccomp.hpp"
#include "tests/security/hostile_pod.hpp"
#include "tests/support/skip.hpp"

using namespace tandem;
using namespace tandem::test;
using Json = nlohmann::json;

namespace {

const fs::path unpacked = fs::path(TANDEM_SOURCE_DIR) / "build/crun/root";  // tests/security/prepare

// containers.conf(5) of podman 4.3: default_capabilities.
const std::vector<std::string> capabilities_of_podman = {
    "CAP_CHOWN",   "CAP_DAC_OVERRIDE", "CAP_FOWNER",  "CAP_FSETID", "CAP_KILL",      "CAP_NET_BIND_SERVICE",
    "CAP_SETFCAP", "CAP_SETGID",       "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT"};

bool names_one_of(const Json& names, const std::vector<std::string>& ours) {
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& name) { return std::find(ours.begin(), ours.end(), name) != ours.end(); });
}

// The profile is written for any container; this is what podman makes of it for ours (containers/common,
// pkg/seccomp/seccomp_linux.go).
Json profile_of_podman() {
  const std::vector<std::string> here = {"amd64", "x86", "x32"};
  const Json written = Json::parse(read_file(unpacked / "usr/share/containers/seccomp.json", 1u << 20));
  Json calls = Json::array();
  for (const Json& group : written.at("syscalls")) {
    const Json includes = group.value("includes", Json::object()), excludes = group.value("excludes", Json::object());
    const auto list = [](const Json& of, const char* key) { return of.value(key, Json::array()); };
    const Json wanted_capabilities = list(includes, "caps");
    const bool has_all = std::all_of(wanted_capabilities.begin(), wanted_capabilities.end(), [](const Json& name) {
      return names_one_of(Json::array({name}), capabilities_of_podman);
    });
    if (!has_all || names_one_of(list(excludes, "caps"), capabilities_of_podman)) continue;
    if (!list(includes, "arches").empty() && !names_one_of(list(includes, "arches"), here)) continue;
    if (names_one_of(list(excludes, "arches"), here)) continue;
    Json call = {{"names", group.at("names")}, {"action", group.at("action")}};
    if (group.contains("errnoRet")) call["errnoRet"] = group["errnoRet"];
    if (group.contains("args") && !group["args"].empty()) call["args"] = group["args"];
    calls.push_back(call);
  }
  return {{"defaultAction", written.at("defaultAction")},
          {"defaultErrnoRet", written.value("defaultErrnoRet", 1)},
          {"architectures", {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"}},
          {"syscalls", calls}};
}

// Ends with its scope: a bundle below `folder`, and what crun keeps of it.
class Crun {
 public:
  explicit Crun(const fs::path& folder) : folder_(folder) {
    ::setenv("LD_LIBRARY_PATH", (unpacked / "usr/lib/x86_64-linux-gnu").c_str(), 1);  // found after the program's own
  }
  ~Crun() { ::unsetenv("LD_LIBRARY_PATH"); }
  Crun(const Crun&) = delete;
  Crun& operator=(const Crun&) = delete;

  // Runs a shell script to its end: what it said.
  std::string run(const std::string& script) const {
    make_root();
    REQUIRE(command("spec --bundle " + folder_.string()).status == ExitStatus{});
    Json config = Json::parse(read_file(folder_ / "config.json"));
    Json& process = config["process"];
    process["terminal"] = false;
    process["args"] = {"/usr/bin/sh", "-c", script};
    for (const char* set : {"bounding", "effective", "permitted"})
      process["capabilities"][set] = capabilities_of_podman;
    for (const char* set : {"inheritable", "ambient"}) process["capabilities"][set] = Json::array();
    process["noNewPrivileges"] = false;  // podman's default
    config["root"] = {{"path", "root"}, {"readonly", false}};
    config["linux"]["seccomp"] = profile_of_podman();
    config["linux"]["cgroupsPath"] = "/" + name_;
    replace_file(folder_ / "config.json", config.dump());
    const CommandResult result = command("--cgroup-manager cgroupfs run --bundle " + folder_.string() + " " + name_);
    INFO(result.output << result.errors);
    REQUIRE(result.status == ExitStatus{});
    return result.output;
  }

 private:
  void make_root() const {
    for (const char* name : {"usr/bin", "tmp", "proc", "sys", "dev", "etc"})
      fs::create_directories(folder_ / "root" / name);
    const fs::path programs = folder_ / "root/usr/bin";
    fs::copy_file(find_program("busybox"), programs / "busybox");
    fs::copy_file(std::string(TANDEM_BINARY_DIR) + "/tests/hostile", programs / "hostile");
    fs::create_symlink("busybox", programs / "sh");
  }

  // crun 1.8 refuses a machine with both cgroup versions, so the newer one is out of its sight.
  CommandResult command(const std::string& words) const {
    const std::string hide =
        "mount --make-rprivate / && if mountpoint -q /sys/fs/cgroup/unified; then umount -l "
        "/sys/fs/cgroup/unified; fi && exec ";
    return run_command(
        {"unshare", "--mount", "sh", "-c",
         hide + (unpacked / "usr/bin/crun").string() + " --root " + folder_.string() + "/state " + words},
        "", std::chrono::seconds(60));
  }

  fs::path folder_;
  const std::string name_ = "tandem-test-" + std::to_string(::getpid());
};

// Of each attempt: whether it was refused.
std::map<std::string, bool> attempts(const std::string& text) {
  std::map<std::string, bool> all;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t no = line.find(" refused"), yes = line.find(" could");
    if (no != std::string::npos || yes != std::string::npos) all[line.substr(0, std::min(no, yes))] = no < yes;
  }
  return all;
}

std::string attempts_of_everything() {
  std::string pids;
  for (const pid_t pid : {::getpid(), ::getppid()})
    if (pid >= 100) pids += " " + std::to_string(pid);
  return "hostile leave-root; hostile calls; hostile reach" + pids +
         "; hostile open /proc/sys/kernel/core_pattern /proc/sys/kernel/modprobe /proc/sys/kernel/hotplug "
         "/proc/sys/fs/binfmt_misc/register /proc/sys/net/ipv4/ip_forward /proc/sysrq-trigger "
         "/proc/irq/default_smp_affinity /proc/kcore /proc/keys /proc/timer_list /proc/scsi/scsi "
         "/sys/kernel/uevent_helper /sys/power/state /sys/firmware/memmap "
         "/sys/fs/cgroup/release_agent /sys/fs/cgroup/memory/release_agent /sys/fs/cgroup/memory/notify_on_release "
         "/sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/pids/cgroup.procs /sys/fs/cgroup/memory.max "
         "/sys/fs/cgroup/cgroup.procs /dev/mem /dev/kmsg /dev/sda /dev/vda /dev/net/tun /dev/fuse";
}

bool is_there() {
  if (fs::exists(unpacked / "usr/bin/crun")) return true;
  skip("crun is not here (tests/security/prepare)");
  return false;
}

}  // namespace

TEST_CASE("no system call is let through that neither podman's nor Docker's default profile lets through") {
  if (!is_there()) return;
  // Docker's: moby/profiles/seccomp/default.json. Calls that are judged by their arguments are attempted below.
  std::set<std::string> theirs{"futex_waitv", "io_pgetevents", "io_pgetevents_time64", "vmsplice"};
  const Json profile = profile_of_podman();
  for (const Json& group : profile.at("syscalls")) {
    if (group.at("action") != "SCMP_ACT_ALLOW") continue;
    for (const Json& name : group.at("names")) theirs.insert(name.get<std::string>());
  }
  CHECK(theirs.size() > 300);
  std::string more;
  const auto look = [&](const std::vector<const char*>& names) {
    for (const char* name : names)
      if (!theirs.contains(name)) more += std::string(name) + "\n";
  };
  look(linux_::allowed_calls());
  const auto ours = linux_::parse_capabilities(linux_::default_capabilities());
  for (const auto& guarded : linux_::guarded_calls())
    if (guarded.capability & ours) look(guarded.names);
  CHECK(more == "");
}

TEST_CASE("whatever crun refuses with podman's default profile is refused here, too") {
  if (!is_there()) return;
  const std::string script = attempts_of_everything();
  machine().ok({"apply", "-f", "-"},
               hostile_pod("beside-crun", Json({"sh", "-c", script}).dump()) + "  restartPolicy: Never\n");
  const std::string here = outcome_of("beside-crun");
  machine().ok({"delete", "pod", "beside-crun"});
  const TemporaryDirectory folder;
  const std::string there = Crun(folder.path()).run(script);

  const auto ours = attempts(here), theirs = attempts(there);
  std::string weaker, stronger;
  int refused_there = 0;
  for (const auto& [what, refused] : theirs) {
    if (refused) ++refused_there;
    const auto found = ours.find(what);
    REQUIRE(found != ours.end());
    if (refused && !found->second) weaker += what + "\n";
    if (!refused && found->second) stronger += what + "\n";
  }
  INFO("here:\n" << here << "\nwith crun:\n" << there << "\nrefused here only:\n" << stronger);
  CHECK(weaker == "");
  CHECK(theirs.size() == ours.size());
  CHECK(refused_there > 60);  // it did look
  // What SECURITY.md lists, where it depends on no kernel.
  for (const char* what : {"unshare-user", "clone-user", "keyctl", "process_vm_readv", "process_vm_writev",
                           "pidfd_getfd", "mount_setattr", "socket-alg", "socket-vsock"})
    CHECK(stronger.find(std::string(what) + "\n") != std::string::npos);
}
