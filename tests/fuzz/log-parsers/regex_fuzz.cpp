// The first line as a pattern, what follows as what it is looked for in.
#include "sidecars/log/record/parse_regex.hpp"
#include "tests/fuzz/log-parsers/found.hpp"

using namespace tandem::shipper;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view all = as_text(data, size);
  const std::size_t end = all.find('\n');
  if (end == all.npos || end > 200) return 0;
  const std::string text(all.substr(end + 1));
  std::string problem;
  const auto parser = make_regex_parser(std::string(all.substr(0, end)), {}, problem);
  require((parser == nullptr) == !problem.empty());
  if (!parser) return 0;
  ParsedFields fields;
  if (!parser->parse(text, fields)) {
    require(fields.empty());
    return 0;
  }
  require_sound(fields);
  for (const Field& field : fields)
    require(field.text.data() >= text.data() && field.text.data() + field.text.size() <= text.data() + text.size());
  return 0;
}
