#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "core/os/error.hpp"
#include "pods/manifest/capabilities.hpp"
#include "pods/plan/planning.hpp"

namespace tandem::plan {

namespace {

// containerd's default set (pkg/oci defaultUnixCaps) without MKNOD, because containers have no device cgroup that would
// make a new node harmless, and without NET_RAW, with which a pod speaks on the bridge with its neighbour's address
// (pods/linux/README.md).
constexpr std::array<std::string_view, 12> default_capabilities{
    "CHOWN",   "DAC_OVERRIDE", "FSETID",           "FOWNER",     "SETGID", "SETUID",
    "SETFCAP", "SETPCAP",      "NET_BIND_SERVICE", "SYS_CHROOT", "KILL",   "AUDIT_WRITE"};

const std::vector<std::string> masked_by_default{
    "/proc/acpi",        "/proc/asound", "/proc/kcore",      "/proc/keys",        "/proc/latency_stats",
    "/proc/sched_debug", "/proc/scsi",   "/proc/timer_list", "/proc/timer_stats", "/sys/devices/virtual/powercap",
    "/sys/firmware"};
const std::vector<std::string> read_only{"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"};

std::vector<std::string> with_prefix(std::span<const std::string_view> names) {
  std::vector<std::string> out;
  for (const std::string_view name : names) out.push_back("CAP_" + std::string(name));
  return out;
}

bool contains(const std::vector<std::string>& list, const std::string& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

// The order is that of the CRI runtimes: ALL first, then single ones added, then single ones dropped.
std::vector<std::string> capabilities_of(const manifest::SecurityContext& security) {
  std::vector<std::string> kept = with_prefix(default_capabilities);
  if (contains(security.add, "ALL")) kept = with_prefix(manifest::all_capabilities);
  if (contains(security.drop, "ALL")) kept.clear();
  for (const std::string& name : security.add) {
    if (name != "ALL" && !contains(kept, name)) kept.push_back(name);
  }
  std::erase_if(kept, [&](const std::string& name) { return contains(security.drop, name); });
  std::sort(kept.begin(), kept.end());
  return kept;
}

bool is_numeric(const std::string& user) {
  return !user.empty() && user.find_first_not_of("0123456789") == std::string::npos;
}

}  // namespace

Security plan_security(const manifest::PodSpec& pod, const manifest::Container& container) {
  const manifest::SecurityContext& security = container.security;
  Security out;
  out.privileged = security.privileged.value_or(false);
  out.capabilities = out.privileged ? with_prefix(manifest::all_capabilities) : capabilities_of(security);
  out.no_new_privileges = !out.privileged && !security.allow_privilege_escalation.value_or(false);
  out.read_only_root = security.read_only_root_filesystem.value_or(false);
  const auto seccomp = security.seccomp == manifest::Seccomp::unset ? pod.security.seccomp : security.seccomp;
  out.default_seccomp = !out.privileged && seccomp != manifest::Seccomp::unconfined;
  if (!out.privileged) {
    out.masked_paths = masked_by_default;
    out.read_only_paths = read_only;
  }
  return out;
}

Account plan_account(const Planning& planning, const manifest::Container& container, const image::Image* image) {
  const manifest::PodSecurityContext& pod = planning.pod.spec.security;
  const manifest::SecurityContext& own = container.security;
  const auto user = own.run_as_user ? own.run_as_user : pod.run_as_user;
  const auto group = own.run_as_group ? own.run_as_group : pod.run_as_group;
  const bool non_root = own.run_as_non_root ? *own.run_as_non_root : pod.run_as_non_root.value_or(false);

  std::string name = user ? std::to_string(*user) : image ? image->user : "";
  const std::string who = name.substr(0, name.find(':'));
  if (group) name = (who.empty() ? "0" : who) + ":" + std::to_string(*group);
  image::UserIds ids;
  if (image) {
    try {
      ids = planning.host.find_user(*image, name);
    } catch (const Error& error) {
      planning.error(container.path + ".image", error.what());
      return {};
    }
  } else {
    ids.uid = static_cast<std::uint32_t>(user.value_or(0));
    ids.gid = static_cast<std::uint32_t>(group.value_or(0));
  }
  const manifest::Source& source = planning.pod.source;
  const bool known = user || (image && !source.refused(container.path + ".securityContext") &&
                              !source.refused("spec.securityContext"));
  if (known && non_root && !user && !who.empty() && !is_numeric(who)) {
    planning.error(container.path + ".image",
                   "runs as \"" + who + "\", a name: runAsNonRoot wants a number to be sure that it is not root",
                   "set securityContext.runAsUser: " + std::to_string(ids.uid));
  } else if (known && non_root && ids.uid == 0) {
    planning.error(container.path + (own.run_as_user ? ".securityContext.runAsUser" : ".image"),
                   "runs as root, which runAsNonRoot forbids", "set securityContext.runAsUser to another user");
  }

  Account account{{ids.uid, ids.gid, ids.groups}, ids.home};
  const auto add_group = [&](std::int64_t extra) {
    auto& groups = account.identity.groups;
    const auto id = static_cast<std::uint32_t>(extra);
    if (std::find(groups.begin(), groups.end(), id) == groups.end()) groups.push_back(id);
  };
  for (const std::int64_t extra : pod.supplemental_groups) add_group(extra);
  if (pod.fs_group) add_group(*pod.fs_group);
  return account;
}

}  // namespace tandem::plan
