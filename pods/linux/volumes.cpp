// A pod's volumes on the host.
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "pods/linux/atomic_writer.hpp"
#include "pods/linux/mounts.hpp"
#include "pods/linux/sandbox.hpp"

namespace tandem::linux_ {
namespace {

bool in_memory(const plan::Volume& volume) { return volume.kind == plan::VolumeKind::memory || volume.secret; }

// As kubelet's SetVolumeOwnership on a volume that we have made: the group may write, and what is made inside is its
// too.
void give_to_group(const fs::path& directory, std::optional<std::uint32_t> group) {
  if (!group) return;
  struct stat status;
  check([&] { return ::stat(directory.c_str(), &status); }, "look at", directory);
  check([&] { return ::chown(directory.c_str(), static_cast<uid_t>(-1), *group); }, "chown", directory);
  check([&] { return ::chmod(directory.c_str(), (status.st_mode & 07777) | 02770); }, "chmod", directory);
}

void create_directory(const fs::path& directory, unsigned mode) {
  make_directories(directory.parent_path(), 0755);
  // The volumes' folder may be below a private one; the volume's own mode is what containers see.
  const bool made = attempt([&] { return ::mkdir(directory.c_str(), mode); }) == 0;
  if (!made && errno != EEXIST) throw Error::from_errno("create directory", directory, errno);
  if (made) check([&] { return ::chmod(directory.c_str(), mode); }, "chmod", directory);
}

void mount_in_memory(const fs::path& directory, unsigned mode, std::optional<Bytes> limit) {
  if (is_mount_point(directory)) return;
  char options[80];
  std::snprintf(options, sizeof options, "mode=%o", mode);
  const std::string all = options + (limit ? ",size=" + std::to_string(limit->value) : std::string());
  check([&] { return ::mount("tandem", directory.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, all.c_str()); }, "mount tmpfs",
        directory);
}

void check_host_path(const plan::Volume& volume) {
  const fs::path source = volume.source;
  const std::string& type = volume.host_path_type;
  const auto wrong = [&](const std::string& cause) {
    throw Error(Fault::input, "use hostPath", source, cause, "volume " + volume.name + " says type " + type);
  };
  struct stat status;
  const int result = attempt([&] { return ::stat(source.c_str(), &status); });
  if (result < 0 && result != -ENOENT) throw Error::from_errno("use hostPath", source, -result);
  if (result == -ENOENT) {
    if (type == "DirectoryOrCreate" || type.empty()) return make_directories(source, 0755);
    if (type == "FileOrCreate") return write_file(source, "", 0644);
    wrong("it does not exist");
  }
  if (type.starts_with("Directory") && !S_ISDIR(status.st_mode)) wrong("it is no directory");
  if (type.starts_with("File") && !S_ISREG(status.st_mode)) wrong("it is no file");
  if (type == "Socket" && !S_ISSOCK(status.st_mode)) wrong("it is no socket");
  if (type == "CharDevice" && !S_ISCHR(status.st_mode)) wrong("it is no character device");
  if (type == "BlockDevice" && !S_ISBLK(status.st_mode)) wrong("it is no block device");
}

}  // namespace

fs::path volume_directory(const plan::Volume& volume, const state::PodPaths& paths) {
  if (volume.kind == plan::VolumeKind::host_path) return volume.source;
  return paths.volume(volume.name, in_memory(volume));
}

void create_volume(const plan::Plan& plan, const plan::Volume& volume, const state::PodPaths& paths) {
  if (volume.kind == plan::VolumeKind::host_path) return check_host_path(volume);
  const fs::path directory = volume_directory(volume, paths);
  const bool files = volume.kind == plan::VolumeKind::files;
  const unsigned mode = files ? 0755 : volume.mode;
  create_directory(directory, mode);
  if (in_memory(volume)) mount_in_memory(directory, mode, volume.size_limit);
  if (files) write_atomically(directory, volume.files, plan.fs_group);
  if (!files) give_to_group(directory, plan.fs_group);
}

void remove_volume(const state::PodPaths& paths, const std::string& name) {
  const fs::path memory = paths.volume(name, true);
  unmount(memory);
  remove_tree(memory);
  remove_tree(paths.volume(name, false));
}

}  // namespace tandem::linux_
