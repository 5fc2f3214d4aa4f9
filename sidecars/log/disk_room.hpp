// How much of a disk is left, and how much of that is left alone.
#pragma once

#include <cstdint>
#include <filesystem>

namespace tandem::shipper {

// Bytes that may be written to the disk of `directory`: what is free for us, less `keep`, or less an eighth of a disk
// that is smaller than eight times that. The largest number there is where it cannot be told.
std::uint64_t room_on_disk(const std::filesystem::path& directory, std::uint64_t keep);

// The disk's size; 0: it cannot be told.
std::uint64_t size_of_disk(const std::filesystem::path& directory);

}  // namespace tandem::shipper
