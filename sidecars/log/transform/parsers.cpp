#include "sidecars/log/transform/parsers.hpp"

#include "sidecars/log/record/parse_combined.hpp"
#include "sidecars/log/record/parse_json.hpp"
#include "sidecars/log/record/parse_logfmt.hpp"
#include "sidecars/log/record/parse_regex.hpp"
#include "sidecars/log/transform/parser.hpp"

namespace tandem::shipper {
namespace {

MakeTransform read_json(Reader& item) {
  return [settings = read_parser(item)](const TransformContext& context) {
    auto parser = std::make_shared<JsonParser>();
    return make_parser(
        settings,
        [parser](std::string_view text, Event& event, ParsedFields& fields) {
          return parser->parse(text, event, fields);
        },
        context);
  };
}

MakeTransform read_logfmt(Reader& item) {
  return [settings = read_parser(item)](const TransformContext& context) {
    return make_parser(settings, parse_logfmt, context);
  };
}

MakeTransform read_combined(Reader& item) {
  return [settings = read_parser(item)](const TransformContext& context) {
    return make_parser(settings, parse_combined, context);
  };
}

std::vector<std::pair<std::string, FieldType>> read_types(Reader& item) {
  std::vector<std::pair<std::string, FieldType>> types;
  Reader reader = item.object("types");
  for (const Member& member : reader.self().members) {
    const std::string word = reader.choice(member.key, "string", {"string", "number", "boolean"});
    types.emplace_back(member.key, word == "number"    ? FieldType::number
                                   : word == "boolean" ? FieldType::boolean
                                                       : FieldType::string);
  }
  return types;
}

MakeTransform read_regex(Reader& item) {
  const std::string pattern = item.required_string("pattern");
  const auto types = read_types(item);
  std::string problem;
  if (!pattern.empty() && !make_regex_parser(pattern, types, problem))
    item.problem("pattern", problem, "RE2's syntax; fields are its named groups, (?P<name>...)");
  return [settings = read_parser(item), pattern, types](const TransformContext& context) {
    std::string no_problem;
    std::shared_ptr<RegexParser> parser = make_regex_parser(pattern, types, no_problem);
    return make_parser(
        settings, [parser](std::string_view text, Event&, ParsedFields& fields) { return parser->parse(text, fields); },
        context);
  };
}

run::ConfigTable with_pattern() {
  run::ConfigTable keys = parser_keys;
  keys.push_back({"pattern", "string", "", "RE2, found anywhere in the field; its named groups are the fields."});
  keys.push_back({"types", "map", "", "NAME: number or boolean, for groups that are no strings."});
  return keys;
}

}  // namespace

TransformType json_transform() { return {"json", parser_keys, read_json}; }
TransformType logfmt_transform() { return {"logfmt", parser_keys, read_logfmt}; }
TransformType combined_transform() { return {"combined", parser_keys, read_combined}; }
TransformType nginx_transform() { return {"nginx", parser_keys, read_combined}; }
TransformType apache_transform() { return {"apache", parser_keys, read_combined}; }
TransformType regex_transform() { return {"regex", with_pattern(), read_regex}; }

}  // namespace tandem::shipper
