// Any bytes as logfmt: names are not empty and not repeated, and pairs written anew are read the same.
#include "sidecars/log/record/parse_logfmt.hpp"
#include "tests/fuzz/log-parsers/found.hpp"

using namespace tandem::shipper;

namespace {

std::string written(const ParsedFields& fields) {
  std::string text;
  for (const Field& field : fields) {
    text += std::string(field.name);
    if (!field.literal) {
      text += "=\"";
      for (const char c : field.text) text += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
      text += "\"";
    }
    text += " ";
  }
  return text;
}

bool same(const ParsedFields& a, const ParsedFields& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i].name != b[i].name || a[i].text != b[i].text || a[i].literal != b[i].literal) return false;
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Event event;
  ParsedFields fields, again;
  const std::string text(as_text(data, size));  // of exactly its size
  if (!parse_logfmt(text, event, fields)) {
    require(fields.empty());
    return 0;
  }
  require_sound(fields);
  bool has_pair = false;
  for (const Field& field : fields) {
    require(!field.name.empty());
    has_pair = has_pair || !field.literal;
  }
  const std::string anew = written(fields);
  if (has_pair) require(parse_logfmt(anew, event, again) && same(fields, again));
  return 0;
}
