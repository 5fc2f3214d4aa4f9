// Hash slots of Redis Cluster. https://redis.io/docs/reference/cluster-spec/#key-distribution-model
#pragma once

#include <cstdint>
#include <string_view>

namespace tandem::redis {

inline constexpr std::uint16_t slot_count = 16384;

std::uint16_t crc16(std::string_view bytes);  // CRC-16/XMODEM

// The slot of a key: of its hash tag when it has one, which is what stands between the first { and the next },
// unless nothing does.
std::uint16_t key_slot(std::string_view key);

}  // namespace tandem::redis
