// Rotated files that were compressed (gzip, zstd), as plain ones.
#pragma once

#include <cstdint>
#include <string>

#include "core/os/unique_fd.hpp"

namespace tandem::shipper {

// The unpacked bytes in a file without a name below `directory`. What is damaged or cut off at its end is unpacked as
// far as it goes. No fd, and the reason in `problem`, when there is nothing to read or more than `limit` bytes.
unique_fd unpack(int fd, const std::string& directory, std::uint64_t limit, std::string& problem);

}  // namespace tandem::shipper
