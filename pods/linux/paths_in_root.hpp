// Paths inside a directory that somebody else fills (an image, a volume): a symbolic link in it never leads outside.
#pragma once

#include <string>

#include "core/os/unique_fd.hpp"

namespace tandem::linux_ {

enum class Missing { is_an_error, create_directory, create_file };

// Opens (O_PATH) `path` with `root` as "/", as chroot(2) would see it: "..", absolute and relative links stay below
// `root`. With create_*, what is missing is made (directories 0755, an empty file 0644), also behind a link that leads
// nowhere yet. Throws Error with `path` as object; Missing::is_an_error: error_number() is ENOENT or ENOTDIR.
unique_fd open_in_root(int root, const std::string& path, Missing missing = Missing::is_an_error);

// The same without links: the directory where a file system of the kernel goes, made (0755) when its last part is
// missing. A link there would put what is mounted where none of its names leads, and the masks would not find it.
unique_fd open_mount_point(int root, const std::string& path);

// Opens (O_PATH) `path` below `directory`, for subPath: a link that leads outside is an Error, not followed in another
// sense. What is missing is made as directories with the mode of `directory`.
unique_fd open_beneath(int directory, const std::string& path);

bool is_directory(int fd);

}  // namespace tandem::linux_
