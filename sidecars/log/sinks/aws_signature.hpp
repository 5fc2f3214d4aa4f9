// AWS Signature Version 4 in the header Authorization. Pure. Source: AWS IAM User Guide, "Create a signed AWS API
// request"; Amazon S3 API Reference, "Signature Calculations for the Authorization Header".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tandem::shipper {

// Never shown.
struct AwsKeys {
  std::string access_key, secret_key;
  std::string session_token;  // of temporary keys; "": they are permanent
};

struct AwsRequest {
  std::string method;  // "PUT"
  std::string path;    // as on the wire, escaped once: S3 signs just this
  std::string query;   // as on the wire, escaped, without "?"
  // Those that are signed: Host and X-Amz-Date must be among them. Names in any case, values as on the wire.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string payload_hash;  // hex_sha256() of the body, or unsigned_payload
};

inline constexpr std::string_view unsigned_payload = "UNSIGNED-PAYLOAD";

std::string hex_sha256(std::string_view bytes);

// "20130524T000000Z" for nanoseconds since the epoch.
std::string aws_time(std::int64_t epoch_ns);

// Lines of method, path, query, headers, names of headers, payload's hash.
std::string canonical_request(const AwsRequest& request);

// `time` as aws_time() gives it, equal to the request's X-Amz-Date. Throws Error{environment} when libcrypto has no
// SHA-256.
std::string aws_signature(const AwsRequest& request, const AwsKeys& keys, const std::string& region,
                          const std::string& service, const std::string& time);
// The header's value: "AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=...".
std::string aws_authorization(const AwsRequest& request, const AwsKeys& keys, const std::string& region,
                              const std::string& service, const std::string& time);

}  // namespace tandem::shipper
