// Any bytes as a line of an access log.
#include "sidecars/log/json_text.hpp"
#include "sidecars/log/record/parse_combined.hpp"
#include "tests/fuzz/log-parsers/found.hpp"

using namespace tandem::shipper;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Event event;
  ParsedFields fields;
  const std::string text(as_text(data, size));
  if (!parse_combined(text, event, fields)) {
    require(fields.empty());
    return 0;
  }
  require_sound(fields);
  for (const Field& field : fields) {
    require(field.literal == (field.name == "status" || field.name == "body_bytes_sent"));
    require(!field.text.empty() && (field.text.size() <= text.size()));
    if (field.member.empty()) continue;
    Buffer member;
    member.append("\"" + std::string(field.name) + (field.literal ? "\":" : "\":\""));
    if (field.literal) {
      member.append(field.text);
    } else {
      append_json_text(field.text, member);
      member.append("\"");
    }
    require(member.view() == field.member);
  }
  return 0;
}
