// Any bytes as a JSON line: taken only when another JSON library takes them, and what comes out says the same.
#include "sidecars/log/record/parse_json.hpp"
#include "tests/fuzz/log-parsers/found.hpp"

using namespace tandem::shipper;
using nlohmann::json;

namespace {

enum class Verdict { object, other, out_of_range };

Verdict parse(const std::string& text, json& value) {
  try {
    value = json::parse(text);
    return value.is_object() ? Verdict::object : Verdict::other;
  } catch (const json::out_of_range&) {
    return Verdict::out_of_range;
  } catch (const json::exception&) {
    return Verdict::other;
  }
}

bool is_too_deep(std::string_view text) {  // or might be
  int opened = 0;
  for (const char c : text) opened += c == '{' || c == '[';
  return opened >= deepest_json;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static JsonParser parser;
  Event event;
  ParsedFields fields;
  const std::string text(as_text(data, size));
  json input, output;
  const Verdict verdict = parse(text, input);
  if (verdict == Verdict::out_of_range) return 0;
  if (!parser.parse(text, event, fields)) {
    require(fields.empty());
    // The other library ends at a NUL and skips a byte order mark.
    const bool is_lenient = text.find('\0') != text.npos || text.starts_with("\xef\xbb\xbf");
    require(verdict != Verdict::object || is_too_deep(text) || is_lenient);
    return 0;
  }
  require_sound(fields);
  std::string members = "{";
  for (const Field& field : fields) members += (members.size() > 1 ? "," : "") + std::string(field.member);
  const Verdict of_output = parse(members + "}", output);
  require(of_output != Verdict::other);
  if (verdict == Verdict::object) {
    require(of_output == Verdict::object && output == input);
  } else {
    require(text.find("\\u") != text.npos);  // half a surrogate pair was repaired
  }
  if (of_output != Verdict::object) return 0;
  for (const Field& field : fields) {
    const json& value = output.at(std::string(field.name));
    require(field.literal != value.is_string());
    require(field.literal ? json::parse(field.text) == value : value.get_ref<const std::string&>() == field.text);
  }
  return 0;
}
