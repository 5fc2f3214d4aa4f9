// The files every image has, however small: users, name service, certificates, places to write.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "pods/image/tree.hpp"

namespace tandem::image {

struct PackUser {
  std::string name;  // empty: root
  std::uint32_t uid = 0, gid = 0;
  std::string text;  // for the image's config: "", "1000:1000", or as the user wrote it
};

// "", "redis", "1000", "1000:1000", "www-data". A name of Debian's base-passwd has its number there, any other is 1000:
// the same on every machine. Throws Error{user} for anything else.
PackUser parse_pack_user(const std::string& text);

// Adds what the tree does not have yet. `root` may have CA certificates; otherwise the host's are taken, if it has any.
void add_standard_files(Tree& tree, const PackUser& user, const std::filesystem::path& root);

}  // namespace tandem::image
