// A container's root: the image's layers below, a writable layer on top.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/os/unique_fd.hpp"

namespace tandem::linux_ {

// `directory`/{upper,work,root,layers}, all fresh; `layers` holds a short link for each layer, because mount(2) takes
// one page of options. To be called before a new mount namespace is entered; what a last run left is removed.
void create_overlay_directories(const std::filesystem::path& directory, const std::vector<std::string>& layers);

// Mounts the overlay at `directory`/root, in the caller's mount namespace, and opens it. Changes the working directory.
unique_fd mount_overlay(const std::filesystem::path& directory, std::size_t layer_count);

}  // namespace tandem::linux_
