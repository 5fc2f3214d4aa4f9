// A 64-bit hash of bytes: XXH64 with seed 0 (https://github.com/Cyan4973/xxHash, doc/xxhash_spec.md).
// It finds files again; it does not defend against somebody who forges log files.
#pragma once

#include <cstdint>
#include <string_view>

namespace tandem::shipper {

std::uint64_t hash64(std::string_view bytes);

}  // namespace tandem::shipper
