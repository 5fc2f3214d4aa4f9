// A set of files that changes all at once, laid out as kubelet's AtomicWriter does, because programs know that layout:
//   NAME -> ..data/NAME      ..data -> ..2026_11_22_10_35_00.123456789      ..2026.../NAME the bytes
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "pods/plan/plan.hpp"

namespace tandem::linux_ {

// Makes `directory` show exactly `files`: one rename of ..data switches between the old and the new set. Nothing is
// touched when it shows them already. A file that replaces a folder of the last set, or the other way round, is fine.
// `group`: owner group of all files, which it may read (fsGroup). Throws Error{input} for a path that leaves the
// volume.
void write_atomically(const std::filesystem::path& directory, const std::vector<plan::VolumeFile>& files,
                      std::optional<std::uint32_t> group);

}  // namespace tandem::linux_
