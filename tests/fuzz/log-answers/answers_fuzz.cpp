// Any bytes as the answer of a server that logs are sent to: whatever it is, each record is delivered, refused or comes
// again, never more refused than were sent.
#include <cstdlib>
#include <string>

#include "sidecars/log/encode/protobuf_text.hpp"
#include "sidecars/log/sinks/elasticsearch_answer.hpp"
#include "sidecars/log/sinks/otlp_answer.hpp"

using namespace tandem::shipper;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string body = "{\"create\":{}}\n{\"n\":1}\n{\"create\":{}}\n{\"n\":2}\n";
  const Outcome bulk = judge_bulk(body, bytes);
  if (bulk.refused.size() > 2 || bulk.verdict == Verdict::rejected) std::abort();
  if (bulk.verdict == Verdict::retry_later && (!bulk.refused.empty() || bulk.reason.empty())) std::abort();

  constexpr int statuses[] = {200, 400, 429, 500, 503};
  const int status = statuses[data[0] % 5];
  const Outcome otlp = judge_otlp(status, data[0] & 0x80 ? "application/json" : "application/x-protobuf", bytes,
                                  judge_http(status, "", bytes, {}));
  if (otlp.verdict != Verdict::delivered && otlp.reason.empty()) std::abort();
  for (const std::string& text : {otlp.reason, otlp.warning})
    for (const char c : text)
      if (static_cast<unsigned char>(c) < 0x20) std::abort();

  std::vector<Refused> refused;
  decode_otlp(bytes, "why", refused);
  for (const auto& one : refused)
    if (one.record.find('\n') != std::string::npos) std::abort();

  Buffer memory, again;
  const auto valid = valid_utf8(bytes, memory);
  if (valid_utf8(valid, again).data() != valid.data()) std::abort();
  return 0;
}
