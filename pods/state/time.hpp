// Points in time as they stand on disk and in the API.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace tandem::state {

// Milliseconds since 1970, UTC. Zero means "never".
using Time = std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;

Time wall_clock();

std::string rfc3339(Time time);                              // "2026-11-22T10:35:00Z", as Kubernetes' metav1.Time
std::optional<Time> parse_rfc3339(const std::string& text);  // of that form; nullopt: it is another
std::string rfc3339_nano(
    std::chrono::system_clock::time_point time);  // "2026-11-22T10:35:00.123456789Z", as CRI logs have it

}  // namespace tandem::state
