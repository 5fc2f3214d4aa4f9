#include "sidecars/log/transform/condition_words.hpp"

#include <nlohmann/json.hpp>

#include "core/config/json_text.hpp"
#include "sidecars/log/transform/characters.hpp"
#include "sidecars/log/transform/number.hpp"

namespace tandem::shipper {
namespace {

using Kind = ConditionWord::Kind;

bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '@' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool continues_name(char c) { return begins_name(c) || is_digit(c) || c == '.' || c == '-'; }

ConditionWord wrong(std::size_t at, std::string_view spelled, std::string what) {
  return {Kind::wrong, at, spelled, std::move(what)};
}

ConditionWord read_text(std::string_view text, std::size_t at) {
  std::size_t end = at + 1;
  while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
  if (end >= text.size()) return wrong(at, text.substr(at), "this text has no end; close it with \"");
  const std::string_view spelled = text.substr(at, end + 1 - at);
  const auto value = parse_json(spelled);
  if (value.is_string()) return {Kind::text, at, spelled, value.get<std::string>()};
  return wrong(at, spelled,
               "this is no valid text; escapes are those of JSON, so write \\\\ for one backslash (\"\\\\d+\")");
}

ConditionWord read_number(std::string_view text, std::size_t at) {
  const std::size_t end = run_end(text, at, [](char c) { return continues_name(c) || c == '+'; });
  const std::string_view spelled = text.substr(at, end - at);
  if (parse_number(spelled)) return {Kind::number, at, spelled, {}};
  return wrong(at, spelled, "\"" + std::string(spelled) + "\" is no number; write a text in double quotes");
}

struct Slip {
  std::string_view spelled, what;
};
constexpr Slip slips[] = {
    {"&&", "\"&&\" is written and"},          {"||", "\"||\" is written or"},
    {"===", "\"===\" is written =="},         {"=", "\"=\" is written =="},
    {"<>", "\"<>\" is written !="},           {"!", "\"!\" is written not"},
    {"'", "texts are in double quotes (\")"},
};

}  // namespace

ConditionWord next_condition_word(std::string_view text, std::size_t at) {
  at = run_end(text, at, [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; });
  if (at == text.size()) return {Kind::end, at, {}, {}};
  const std::string_view rest = text.substr(at);
  if (rest[0] == '"') return read_text(text, at);
  if (is_digit(rest[0]) || rest[0] == '-') return read_number(text, at);
  if (begins_name(rest[0])) return {Kind::name, at, text.substr(at, run_end(text, at, continues_name) - at), {}};
  for (const std::string_view sign : {"==", "!=", "=~", "!~", "<=", ">=", "<", ">", "(", ")"}) {
    const bool slip = (sign == "==" && rest.starts_with("===")) || (sign == "<" && rest.starts_with("<>"));
    if (rest.starts_with(sign) && !slip) return {Kind::sign, at, rest.substr(0, sign.size()), {}};
  }
  for (const Slip& slip : slips)
    if (rest.starts_with(slip.spelled)) return wrong(at, rest.substr(0, slip.spelled.size()), std::string(slip.what));
  return wrong(at, rest.substr(0, 1),
               "\"" + std::string(rest.substr(0, 1)) + "\" has no meaning here; texts are in double quotes");
}

}  // namespace tandem::shipper
