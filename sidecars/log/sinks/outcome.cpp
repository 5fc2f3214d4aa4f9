#include "sidecars/log/sinks/outcome.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>

namespace tandem::shipper {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds longest_asked = std::chrono::minutes(5);

}  // namespace

std::optional<milliseconds> parse_retry_after(std::string_view text, std::chrono::system_clock::time_point now) {
  long long seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error == std::errc() && end == text.data() + text.size()) {
    if (seconds < 0) return std::nullopt;
    return seconds > longest_asked / std::chrono::seconds(1) ? longest_asked
                                                             : milliseconds(std::chrono::seconds(seconds));
  }
  std::tm parts{};
  const std::string date(text);
  const char* rest = ::strptime(date.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (!rest || *rest) return std::nullopt;
  const auto at = std::chrono::system_clock::from_time_t(::timegm(&parts));
  return std::clamp(std::chrono::duration_cast<milliseconds>(at - now), milliseconds(0), longest_asked);
}

Outcome judge_http(int status, std::string_view retry_after, std::string_view body,
                   std::chrono::system_clock::time_point now) {
  if (status >= 200 && status < 300) return {};
  std::string reason = "HTTP " + std::to_string(status);
  body = body.substr(0, std::min(body.find_first_of("\r\n"), std::size_t{200}));
  if (!body.empty()) reason += ": " + std::string(body);
  if (status == 413) reason += "; it takes smaller bodies only: lower batch.maxBytes";
  const bool refused = status >= 400 && status < 500 && status != 408 && status != 429;
  Outcome outcome(refused ? Verdict::rejected : Verdict::retry_later, reason);
  if (!refused && !retry_after.empty()) outcome.retry_after = parse_retry_after(retry_after, now);
  return outcome;
}

milliseconds retry_ceiling(const Outcome& outcome, unsigned attempt) {
  const milliseconds cap = outcome.unreachable ? milliseconds(1'000) : milliseconds(30'000);
  return std::min(cap, milliseconds(100) * (1 << std::min(attempt, 10u)));
}

milliseconds retry_delay(const Outcome& outcome, unsigned attempt, double chance) {
  const auto ceiling = retry_ceiling(outcome, attempt);
  const auto jitter = milliseconds(static_cast<long long>(static_cast<double>(ceiling.count()) * chance));
  return std::max(jitter, outcome.retry_after.value_or(milliseconds(0)));
}

}  // namespace tandem::shipper
