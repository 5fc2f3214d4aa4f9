// What an answer of S3 means. Pure. Source: Amazon S3 API Reference, "Error responses".
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "sidecars/log/sinks/outcome.hpp"

namespace tandem::shipper {

struct S3Error {
  std::string code, message;  // "NoSuchBucket", "The specified bucket does not exist"; on one line
};

// <Error><Code>..</Code><Message>..</Message>..</Error>, whatever else is in it. Nullopt: it is no such text, or has no
// Code.
std::optional<S3Error> parse_s3_error(std::string_view body);

// `judged` is what the status alone would mean. An object is any bytes, so only one thing can be wrong with a batch
// for good: its size (EntityTooLarge, 413). All else is the credentials', the bucket's, the config's or the server's
// fault, and is tried again. `region` is the answer's X-Amz-Bucket-Region, or "".
Outcome judge_s3(int status, const std::optional<S3Error>& error, std::string_view region, Outcome judged);

// The value of a header Date (IMF-fixdate, RFC 9110, section 5.6.7).
std::optional<std::chrono::system_clock::time_point> parse_http_date(std::string_view text);

}  // namespace tandem::shipper
