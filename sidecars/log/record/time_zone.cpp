#include "sidecars/log/record/time_zone.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>

#include "sidecars/log/record/zone_file.hpp"

namespace tandem::shipper {
namespace {

std::string zone_folder() {
  const char* const named = std::getenv("TZDIR");
  return named && *named ? named : "/usr/share/zoneinfo";
}

// Of the files below the folder, not of others.
bool is_zone_name(const std::string& name) {
  if (name.empty() || name.size() > 100 || name.front() == '/' || name.find("..") != name.npos) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' || c == '_' ||
           c == '-' || c == '+' || c == '.';
  });
}

bool is_file(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored);
}

std::shared_ptr<const TimeZone> read_zone_file(const std::string& path, std::string& problem) {
  constexpr std::size_t most = 1024 * 1024;  // the largest has a few KiB
  std::string bytes(most, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(bytes.data(), static_cast<std::streamsize>(most));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  const auto history = decode_zone_file(bytes);
  if (history) return std::make_shared<TimeZone>(*history);
  problem = path + " cannot be read, is no zone file (RFC 8536), or counts leap seconds";
  return nullptr;
}

}  // namespace

TimeZone::TimeZone(const ZoneHistory& history) {
  constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
  Period period{least, 0, history.first_offset};
  std::int64_t latest_end = least;
  for (const ZoneChange& change : history.changes) {
    latest_end = std::max(latest_end, change.at + period.offset);
    period.end = latest_end;
    periods_.push_back(period);
    period = {change.at + change.offset, 0, change.offset};
  }
  period.end = std::numeric_limits<std::int64_t>::max();
  periods_.push_back(period);
}

std::int64_t TimeZone::to_utc(std::int64_t clock_seconds) const {
  std::size_t i = latest_.load(std::memory_order_relaxed);
  if (clock_seconds >= periods_[i].end || (i > 0 && clock_seconds < periods_[i - 1].end)) {
    const auto found = std::upper_bound(periods_.begin(), periods_.end() - 1, clock_seconds,
                                        [](std::int64_t clock, const Period& period) { return clock < period.end; });
    i = static_cast<std::size_t>(found - periods_.begin());
    latest_.store(i, std::memory_order_relaxed);
  }
  const bool was_skipped = clock_seconds < periods_[i].begin;  // never of the first
  return clock_seconds - periods_[was_skipped ? i - 1 : i].offset;
}

std::shared_ptr<const TimeZone> find_time_zone(const std::string& name, std::string& problem) {
  const std::string folder = zone_folder(), path = folder + "/" + name;
  std::error_code ignored;
  if (is_zone_name(name) && is_file(path)) return read_zone_file(path, problem);
  if (is_zone_name(name) && !std::filesystem::is_directory(folder, ignored))
    problem = "`" + name + "` cannot be looked up: there is no folder " + folder + " here";
  else
    problem = "`" + name + "` is none of UTC, local, an offset such as +02:00, and a zone such as Europe/Berlin";
  return nullptr;
}

std::shared_ptr<const TimeZone> local_time_zone(std::string& problem) {
  const char* const said = std::getenv("TZ");
  if (!said)
    return is_file("/etc/localtime") ? read_zone_file("/etc/localtime", problem)
                                     : std::make_shared<const TimeZone>(ZoneHistory());
  std::string name(said);
  if (name.starts_with(':')) name.erase(0, 1);
  if (name.empty() || name == "UTC") return std::make_shared<const TimeZone>(ZoneHistory());
  if (name.front() == '/') {
    auto zone = read_zone_file(name, problem);
    if (!zone) problem = "of `local`: TZ says " + problem;
    return zone;
  }
  ZoneHistory history;
  const bool is_named = is_zone_name(name) && is_file(zone_folder() + "/" + name);
  if (!is_named && add_zone_rule(name, history)) return std::make_shared<const TimeZone>(history);
  auto zone = find_time_zone(name, problem);
  if (!zone) problem = "of `local`: TZ says " + problem;
  return zone;
}

}  // namespace tandem::shipper
