// What became of a batch at its sink, and how long to wait before the next try. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tandem::shipper {

constexpr std::size_t longest_reason = 300;  // of the words of the other side

enum class Verdict { delivered, retry_later, rejected };

// One record of a batch that the other side refused for good.
class Refused {
 public:
  Refused(std::string its_record, bool json, std::string why)
      : record(std::move(its_record)), is_json(json), reason(std::move(why)) {}
  std::string record;  // as it is kept in the dead-letter file: a JSON text on one line, or any bytes
  bool is_json = false;
  std::string reason;
};

// It crosses a co_await: constructors, no aggregate.
class Outcome {
 public:
  Outcome() = default;
  Outcome(Verdict its_verdict, std::string why) : verdict(its_verdict), reason(std::move(why)) {}

  Verdict verdict = Verdict::delivered;
  std::string reason;                                    // of anything but delivered
  bool unreachable = false;                              // nobody listens there: trying again costs little
  std::optional<std::chrono::milliseconds> retry_after;  // as the other side asked for
  std::vector<Refused> refused;  // delivered: all but these were; rejected: the batch's records, if not empty
  std::string warning;           // delivered, but the other side had something to say
  std::string mark;              // the sink's note to be committed with the batch
};

// 2xx delivered; 408, 429, 5xx and 3xx retry later (a redirect is not followed, and nothing is lost by it); other 4xx
// rejected. `retry_after` is the header's value, "" when absent.
Outcome judge_http(int status, std::string_view retry_after, std::string_view body,
                   std::chrono::system_clock::time_point now);

// Retry-After (RFC 9110, section 10.2.3): seconds, or a date. Nullopt: neither. At most five minutes.
std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view text,
                                                           std::chrono::system_clock::time_point now);

// The longest wait before the next try: 1 s where nobody listens, 30 s where somebody refuses; doubling from 100 ms.
std::chrono::milliseconds retry_ceiling(const Outcome& outcome, unsigned attempt);
// The wait itself: uniform below the ceiling (full jitter), and never before what the other side asked for.
// `chance` is uniform in [0, 1).
std::chrono::milliseconds retry_delay(const Outcome& outcome, unsigned attempt, double chance);

}  // namespace tandem::shipper
