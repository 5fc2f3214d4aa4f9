#include "sidecars/log/record/parse_logfmt.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/log-parsers/shown.hpp"

using namespace tandem::shipper;

namespace {

std::string of(std::string_view text) {
  Event event;
  ParsedFields fields;
  if (parse_logfmt(text, event, fields)) return shown(fields);
  CHECK(fields.empty());
  return "no";
}

}  // namespace

TEST_CASE("Pairs of logfmt become fields in their order", "[log]") {
  CHECK(of(R"(ts=2026-11-22T10:00:00Z level=info msg="it said \"hi\"\n" n=3 debug)") ==
        "ts=2026-11-22T10:00:00Z|level=info|msg=it said \"hi\"\n|n=3|debug:true");
  CHECK(of("  a=1 \t b=2\r") == "a=1|b=2");
  CHECK(of("a= b=\"\" c=3") == "a=|b=|c=3");
  CHECK(of("url=/x?a=b&c=d") == "url=/x?a=b&c=d");
  CHECK(of("a=\"x\"b=2") == "a=x|b=2");
  CHECK(of("ключ=знач bytes=\xff") == "ключ=знач|bytes=\xff");
  CHECK(of(R"(a="\u00e4\\ \ud83d\ude00")") == "a=ä\\ 😀");
}

TEST_CASE("Of logfmt's pairs with one key the last one stays", "[log]") { CHECK(of("a=1 b=2 a=3") == "a=3|b=2"); }

TEST_CASE("What is no logfmt is refused", "[log]") {
  for (const char* const text : {"", "   ", "only words here", "=1", "a=1 =2", "a=\"x", "a=\"x\\", "a=\"\\q\"",
                                 "a=\"\\u12\"", "a=x\"y\"", "a\"b=1", "\"a\"=1"}) {
    INFO(text);
    CHECK(of(text) == "no");
  }
}
