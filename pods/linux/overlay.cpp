#include "pods/linux/overlay.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/os/check.hpp"
#include "core/os/files.hpp"

namespace tandem::linux_ {

void create_overlay_directories(const fs::path& directory, const std::vector<std::string>& layers) {
  if (layers.empty()) throw Error(Fault::input, "make the root of", directory.filename(), "its image has no layers");
  for (const char* name : {"upper", "work", "root", "layers"}) {
    remove_tree(directory / name);
    make_directories(directory / name);
  }
  // The merged root shows the attributes of the topmost layer that has "/": ours.
  struct stat top;
  check([&] { return ::stat(layers.back().c_str(), &top); }, "look at layer", layers.back(),
        "is the image still there?");
  const fs::path upper = directory / "upper";
  check([&] { return ::chown(upper.c_str(), top.st_uid, top.st_gid); }, "chown", upper);
  check([&] { return ::chmod(upper.c_str(), top.st_mode & 07777); }, "chmod", upper);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const fs::path link = directory / "layers" / std::to_string(i);
    check([&] { return ::symlink(layers[i].c_str(), link.c_str()); }, "create link", link);
  }
}

unique_fd mount_overlay(const fs::path& directory, std::size_t layer_count) {
  const fs::path links = directory / "layers";
  check([&] { return ::chdir(links.c_str()); }, "enter", links);
  std::string options = "lowerdir=";
  for (std::size_t i = layer_count; i-- > 0;) options += std::to_string(i) + (i ? ":" : "");  // the highest first
  // volatile: nothing of a container's root outlives it, so its fsyncs need not wait for the disk.
  options += ",upperdir=../upper,workdir=../work,volatile";
  const std::string root = directory / "root";
  check([&] { return ::mount("overlay", "../root", "overlay", 0, options.c_str()); }, "mount overlay", root,
        "the kernel log (dmesg) says more");
  return open_file(root, O_PATH | O_DIRECTORY);
}

}  // namespace tandem::linux_
