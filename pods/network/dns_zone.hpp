// Which names are ours, and what is said about them: pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pods/network/dns_message.hpp"

namespace tandem::network::dns {

inline constexpr const char* zone = "cluster.local";
inline constexpr std::uint32_t ttl_seconds = 5;

// The answer to a question about a name of `names` or any name below cluster.local; nullopt: not ours, ask elsewhere.
// `rotation` counts up from answer to answer: the address that comes first changes with it.
std::optional<Bytes> answer_from(const std::map<std::string, std::vector<std::string>>& names, const Query& query,
                                 std::size_t rotation, std::size_t limit_bytes);

}  // namespace tandem::network::dns
