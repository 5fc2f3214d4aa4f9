#include "sidecars/log/record/parse_regex.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/log-parsers/shown.hpp"

using namespace tandem::shipper;

namespace {

std::string problem_of(const std::string& pattern, const std::vector<std::pair<std::string, FieldType>>& types = {}) {
  std::string problem;
  CHECK(make_regex_parser(pattern, types, problem) == nullptr);
  return problem;
}

}  // namespace

TEST_CASE("Named groups become fields in their order, those that took no part are left out", "[log]") {
  std::string problem;
  const auto parser =
      make_regex_parser(R"(^(?P<level>[A-Z]+) (x)?(?P<id>\d+)?(?: in (?P<ms>[\d.]+)ms)?( (?P<ok>\w+))?$)",
                        {{"ms", FieldType::number}, {"ok", FieldType::boolean}, {"id", FieldType::number}}, problem);
  REQUIRE(parser);
  ParsedFields fields;
  REQUIRE(parser->parse("INFO 7 in 1.50ms true", fields));
  CHECK(shown(fields) == "level=INFO|id:7|ms:1.50|ok:true");
  REQUIRE(parser->parse("INFO 007 yes", fields));
  CHECK(shown(fields) == "level=INFO|id=007|ok=yes");
  REQUIRE(parser->parse("INFO ", fields));
  CHECK(shown(fields) == "level=INFO");
  CHECK_FALSE(parser->parse("info", fields));
  CHECK(fields.empty());
}

TEST_CASE("A group that matched nothing is an empty field", "[log]") {
  std::string problem;
  const auto parser = make_regex_parser("a(?P<b>b*)", {}, problem);
  REQUIRE(parser);
  ParsedFields fields;
  REQUIRE(parser->parse("xay", fields));
  CHECK(shown(fields) == "b=");
}

TEST_CASE("Of groups with one name the last that took part counts", "[log]") {
  std::string problem;
  const auto parser = make_regex_parser("^(?P<a>x+)?(?P<a>[0-9]+)?$", {{"a", FieldType::number}}, problem);
  REQUIRE(parser);
  ParsedFields fields;
  REQUIRE(parser->parse("xx", fields));
  CHECK(shown(fields) == "a=xx");
  REQUIRE(parser->parse("xx12", fields));
  CHECK(shown(fields) == "a:12");
}

TEST_CASE("A pattern that finds no fields is a problem", "[log]") {
  CHECK(problem_of("(") == "missing ): (");
  CHECK(problem_of("(a)") == "it has no named group, (?P<name>...)");
  CHECK(problem_of("(?P<a>x)", {{"b", FieldType::number}}) == "`b` has a type, but is no named group of it");
}
