#include "pods/state/time.hpp"

#include <cstdio>
#include <ctime>

namespace tandem::state {
namespace {

std::string seconds_part(std::time_t seconds) {
  std::tm fields{};
  ::gmtime_r(&seconds, &fields);
  char text[40];
  const std::size_t length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &fields);
  return std::string(text, length);
}

}  // namespace

Time wall_clock() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

std::string rfc3339(Time time) {
  return seconds_part(std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count()) + "Z";
}

std::optional<Time> parse_rfc3339(const std::string& text) {
  std::tm fields{};
  if (!::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &fields)) return std::nullopt;
  return Time(std::chrono::seconds(::timegm(&fields)));
}

std::string rfc3339_nano(std::chrono::system_clock::time_point time) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  const long long nanoseconds = std::chrono::duration_cast<std::chrono::nanoseconds>(time - whole).count();
  char fraction[16];
  std::snprintf(fraction, sizeof fraction, ".%09lldZ", nanoseconds);
  return seconds_part(whole.time_since_epoch().count()) + fraction;
}

}  // namespace tandem::state
