// etc/hosts, etc/hostname, etc/resolv.conf of a pod. Their texts are pods/plan/etc_files.hpp's, but in host mode, where
// the host's own files are what holds.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "pods/linux/mounts.hpp"
#include "pods/linux/pod_files.hpp"
#include "pods/linux/sandbox.hpp"
#include "pods/plan/etc_files.hpp"

namespace tandem::linux_ {
namespace {

// In place: containers have the inode mounted, so a rename would not reach them.
void write_in_place(const fs::path& path, const std::string& text) {
  const unique_fd file = open_file(path, O_WRONLY | O_CREAT, 0644);
  check([&] { return ::fchmod(file.get(), 0644); }, "chmod", path);  // whatever the umask
  check([&] { return ::ftruncate(file.get(), 0); }, "empty", path);
  write_all(file.get(), text, path);
}

// A file system of their own: containers may write to their /etc/hosts, and /run is the host's memory.
void mount_place_of_files(const fs::path& directory) {
  make_directories(directory, 0755);
  if (is_mount_point(directory)) return;
  check(
      [&] {
        return ::mount("pod-files", directory.c_str(), "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
                       "mode=0755,size=4m,nr_inodes=64");
      },
      "mount tmpfs", directory);
}

}  // namespace

std::string hosts_with_aliases(const std::string& host_text, const std::vector<plan::HostAlias>& aliases) {
  std::string text = host_text;
  if (!text.empty() && text.back() != '\n') text += '\n';
  if (!aliases.empty()) text += "\n# Entries added by HostAliases.\n";
  for (const plan::HostAlias& alias : aliases) {
    text += alias.ip;
    for (const std::string& name : alias.hostnames) text += "\t" + name;
    text += '\n';
  }
  return text;
}

void write_pod_files(const plan::Plan& plan, const state::PodPaths& paths) {
  const bool host = plan.network.mode == plan::NetworkMode::host;
  const auto of_host = [](const char* path) { return read_file_if_exists(path, 1u << 20).value_or(""); };
  mount_place_of_files(paths.etc());
  write_in_place(paths.etc() / "hosts",
                 host ? hosts_with_aliases(of_host("/etc/hosts"), plan.host_aliases) : plan::etc_hosts(plan));
  write_in_place(paths.etc() / "hostname", plan::etc_hostname(plan));
  const std::string resolv_conf = plan::etc_resolv_conf(plan);
  write_in_place(paths.etc() / "resolv.conf", host && resolv_conf.empty() ? of_host("/etc/resolv.conf") : resolv_conf);
}

void remove_pod_files(const state::PodPaths& paths) {
  unmount(paths.etc());
  remove_tree(paths.etc());
}

}  // namespace tandem::linux_
