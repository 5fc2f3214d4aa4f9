// Archives -> directories: layers of images and the files of Debian packages. What an archive says is never believed:
// names are resolved inside the directory by the kernel (openat2, RESOLVE_IN_ROOT), so nothing is written outside it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace tandem::image {

namespace fs = std::filesystem;

struct UnpackOptions {
  // OCI whiteouts (.wh.NAME, .wh..wh..opq) become overlay's: a character device 0/0, an attribute.
  bool whiteouts = false;
  // Which entries are wanted, by path ("/usr/bin/x"); empty: all.
  std::function<bool(const std::string& path)> want;
};

// Owners, modes, times and capabilities are those of the archive when we are root; otherwise the caller owns
// everything. Returns the paths that were unpacked, in the archive's order. Throws Error naming the archive.
std::vector<std::string> unpack_layer(const fs::path& blob, const fs::path& directory, const UnpackOptions& options);

// The data of a .deb (deb(5): an ar archive with data.tar.*); its scripts are neither run nor unpacked.
std::vector<std::string> unpack_deb(const fs::path& deb, const fs::path& directory, const UnpackOptions& options);

}  // namespace tandem::image
