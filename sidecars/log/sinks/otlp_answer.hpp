// What an answer of an OTLP/HTTP server means. Pure. Source: OpenTelemetry Protocol specification, "OTLP/HTTP
// Response".
#pragma once

#include <string>
#include <string_view>

#include "sidecars/log/encode/encoder.hpp"
#include "sidecars/log/sinks/outcome.hpp"

namespace tandem::shipper {

// `judged` is what the status alone would mean. 429, 502, 503 and 504 are tried again, by the specification no other
// 4xx or 5xx. 2xx is delivered, with a warning when partialSuccess says that records were rejected: they must not come
// again. `content_type` decides how the body is read: application/json, else protocol buffers.
Outcome judge_otlp(int status, std::string_view content_type, std::string_view body, Outcome judged);

// The records of a request in protocol buffers as JSON objects, for people: {"time":..,ATTRIBUTES of resource and
// record, "level":..,"message":..}. False: the bytes are no such request.
bool decode_otlp(std::string_view request, const std::string& reason, std::vector<Refused>& out);

}  // namespace tandem::shipper
