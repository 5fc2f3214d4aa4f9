#include "sidecars/log/sinks/otlp_answer.hpp"

#include <simdjson.h>

#include <algorithm>
#include <charconv>

#include "sidecars/log/encode/protobuf.hpp"

namespace tandem::shipper {
namespace {

struct Answer {
  std::int64_t rejected = 0;
  std::string message;  // of partialSuccess, or of the google.rpc.Status of an error
};

Answer read_json(std::string_view body) {
  Answer answer;
  simdjson::dom::parser parser;
  const simdjson::padded_string padded(body);
  simdjson::dom::element document, count;
  std::string_view text;
  if (parser.parse(padded).get(document) != simdjson::SUCCESS) return answer;
  if (document.at_pointer("/partialSuccess/errorMessage").get(text) == simdjson::SUCCESS ||
      document.at_pointer("/message").get(text) == simdjson::SUCCESS)
    answer.message = text;
  if (document.at_pointer("/partialSuccess/rejectedLogRecords").get(count) != simdjson::SUCCESS) return answer;
  // proto3 writes 64-bit numbers as strings, and must understand both.
  if (count.get(text) == simdjson::SUCCESS) {
    std::from_chars(text.data(), text.data() + text.size(), answer.rejected);
  } else if (count.get(answer.rejected) != simdjson::SUCCESS) {
    answer.rejected = 0;
  }
  return answer;
}

Answer read_protobuf(std::string_view body, bool is_error) {
  Answer answer;
  ProtobufReader reader(body);
  if (is_error) {  // google.rpc.Status: message = 2
    for (auto field = reader.next(); field; field = reader.next())
      if (field->number == 2 && field->wire == Wire::bytes) answer.message = field->bytes;
    if (reader.failed()) answer.message = body;
    return answer;
  }
  for (auto field = reader.next(); field; field = reader.next()) {
    if (field->number != 1 || field->wire != Wire::bytes) continue;  // ExportLogsServiceResponse.partial_success
    ProtobufReader partial(field->bytes);
    for (auto inner = partial.next(); inner; inner = partial.next()) {
      if (inner->number == 1 && inner->wire == Wire::varint) answer.rejected = static_cast<std::int64_t>(inner->value);
      if (inner->number == 2 && inner->wire == Wire::bytes) answer.message = inner->bytes;
    }
  }
  return answer;
}

std::string on_one_line(std::string text) {
  text = text.substr(0, longest_reason);
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return text;
}

}  // namespace

Outcome judge_otlp(int status, std::string_view content_type, std::string_view body, Outcome judged) {
  const bool success = status >= 200 && status < 300;
  const Answer answer = content_type.starts_with("application/json") ? read_json(body) : read_protobuf(body, !success);
  if (success) {
    if (answer.rejected > 0) {
      judged.warning = std::to_string(answer.rejected) + " records were rejected";
      if (!answer.message.empty()) judged.warning += ": " + on_one_line(answer.message);
    } else if (!answer.message.empty()) {
      judged.warning = on_one_line(answer.message);
    }
    return judged;
  }
  judged.reason = "HTTP " + std::to_string(status);
  if (!answer.message.empty()) judged.reason += ": " + on_one_line(answer.message);
  const bool again = status == 429 || status == 502 || status == 503 || status == 504;
  const bool denied = status == 401 || status == 403;  // credentials are put right, records are not
  if (status >= 400) judged.verdict = again || denied ? Verdict::retry_later : Verdict::rejected;
  return judged;
}

}  // namespace tandem::shipper
