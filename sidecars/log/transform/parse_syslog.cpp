#include "sidecars/log/record/parse_syslog.hpp"

#include "sidecars/log/transform/parser.hpp"
#include "sidecars/log/transform/parsers.hpp"

namespace tandem::shipper {
namespace {

MakeTransform read_syslog(Reader& item) {
  const std::string zone = item.string("zone", "UTC");
  std::string problem;
  if (!SyslogParser::make(zone, problem)) {
    const std::size_t colon = problem.find(": ");
    item.problem("zone", colon == problem.npos ? problem : problem.substr(colon + 2), zone_remedy);
  }
  return [settings = read_parser(item), zone](const TransformContext& context) {
    std::string no_problem;
    std::shared_ptr<const SyslogParser> parser = SyslogParser::make(zone, no_problem);
    return make_parser(
        settings,
        [parser](std::string_view text, Event& event, ParsedFields& fields) {
          return parser->parse(text, event, fields);
        },
        context);
  };
}

run::ConfigTable with_zone() {
  run::ConfigTable keys = parser_keys;
  keys.push_back(
      {"zone", "string", "UTC",
       "Of times that do not say theirs: UTC, an offset such as +02:00, a zone such as Europe/Berlin, or local."});
  return keys;
}

}  // namespace

TransformType syslog_transform() { return {"syslog", with_zone(), read_syslog}; }

}  // namespace tandem::shipper
