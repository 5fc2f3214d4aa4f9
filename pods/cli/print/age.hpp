// Times of the API, and how kubectl shows how long ago they were.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace tandem::print {

using Time = std::chrono::sys_time<std::chrono::milliseconds>;

// "2026-11-22T10:35:00Z", with or without a fraction of a second. Nullopt: not that.
std::optional<Time> parse_time(const std::string& text);

std::string duration_text(std::chrono::milliseconds duration);  // apimachinery's HumanDuration: "45s", "3m20s", "2d3h"
std::string age_text(const std::string& since, Time now);       // "<unknown>" when `since` is no time
std::string date_text(const std::string& time);                 // "Sun, 22 Nov 2026 10:35:00 +0000"

}  // namespace tandem::print
