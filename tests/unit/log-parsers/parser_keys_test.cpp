#include <catch2/catch.hpp>

#include "tests/unit/log-parsers/configured.hpp"

using namespace tandem::shipper;

TEST_CASE("What is wrong with a parser's keys is said where it is", "[log]") {
  CHECK(Configured("json", "{onFailure: ignore}").problem() == "onFailure: \"ignore\" is none of: keep, drop\n");
  CHECK(Configured("json", "{field: \"\"}").problem() == "field: is empty\n");
  CHECK(Configured("json", "{time: {format: rfc3339}}").problem() == "time: the field \"field\" is missing\n");
  CHECK(Configured("json", "{time: {field: t, zone: Mars}}").problem() ==
        "time.zone: `Mars` is none of UTC, local, an offset such as +02:00, and a zone such as Europe/Berlin\n");
  CHECK(Configured("time", "{format: \"%Q\"}").problem() == "format: in `%Q`: `%Q` is not known\n");
  CHECK(Configured("regex", "{}").problem() == ": the field \"pattern\" is missing\n");
  CHECK(Configured("regex", "{pattern: \"(\"}").problem() == "pattern: missing ): (\n");
  CHECK(Configured("regex", "{pattern: \"(?P<a>.)\", types: {a: int}}").problem() ==
        "types.a: \"int\" is none of: string, number, boolean\n");
  CHECK(Configured("json", "{pattern: x}").problem() == ": unknown field \"pattern\"\n");
}

TEST_CASE("Each key of a parser has a row", "[log]") {
  for (const auto& type : transform_types()) {
    if (type.name != "json" && type.name != "regex" && type.name != "time") continue;
    std::string paths;
    for (const auto& key : type.keys) paths += key.path + " ";
    CHECK(paths == (type.name == "time" ? "field keep onFailure format zone "
                                        : std::string("field into keep onFailure time.field time.format time.zone ") +
                                              (type.name == "regex" ? "pattern types " : "")));
  }
}
