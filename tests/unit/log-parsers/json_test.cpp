#include "sidecars/log/record/parse_json.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/log-parsers/shown.hpp"

using namespace tandem::shipper;

namespace {

struct Json {
  Event event;
  JsonParser parser;
  ParsedFields fields;

  bool parse(std::string_view text) { return parser.parse(text, event, fields); }
  std::string of(std::string_view text) { return parse(text) ? shown(fields) : "no"; }
};

std::string nested(int levels) {
  return "{\"a\":" + std::string(static_cast<std::size_t>(levels), '[') +
         std::string(static_cast<std::size_t>(levels), ']') + "}";
}

}  // namespace

TEST_CASE("Members of a JSON object become fields in their order", "[log]") {
  Json json;
  CHECK(json.of(R"({"level":"info","status":200,"ok":true,"none":null,"tags":["a",1],"at":{"x":-1.5e3}})") ==
        R"(level=info|status:200|ok:true|none:null|tags:["a",1]|at:{"x":-1.5e3})");
  CHECK(json.of("{}") == "");
  CHECK(json.of(" \t{ } \r") == "");
  CHECK(json.of(R"({"":""})") == "=");
}

TEST_CASE("A member is the bytes as they were written", "[log]") {
  Json json;
  REQUIRE(json.parse("{ \"a\" : \"x\\n\" , \"b\":12345678901234567890123 }"));
  CHECK(json.fields[0].member == "\"a\" : \"x\\n\"");
  CHECK(json.fields[0].text == "x\n");
  CHECK(json.fields[1].member == "\"b\":12345678901234567890123");
  CHECK(json.fields[1].text == "12345678901234567890123");
}

TEST_CASE("Escapes in names and values are undone", "[log]") {
  Json json;
  CHECK(json.of(R"({"a\"b":"\\\/\b\f\n\r\t\"","\u00e4":"\u20ac \ud83d\ude00 \u0041"})") ==
        "a\"b=\\/\b\f\n\r\t\"|ä=€ 😀 A");
  REQUIRE(json.parse("{\"n\":\"\\u0000\"}"));
  CHECK(json.fields[0].text == std::string_view("\0", 1));
}

TEST_CASE("Half a surrogate pair becomes a replacement character everywhere", "[log]") {
  Json json;
  CHECK(json.of(R"({"a":"x\ud83dy","b":["\ude00\ud83d"],"c":"\ud83d\u0041"})") ==
        "a=x\uFFFDy|b:[\"\\ufffd\\ufffd\"]|c=\uFFFDA");
  CHECK(json.fields[0].member == R"("a":"x\ufffdy")");
}

TEST_CASE("Of members with one name the last one stays, in the place of the first", "[log]") {
  Json json;
  CHECK(json.of(R"({"a":1,"b":2,"a":3})") == "a:3|b:2");
  CHECK(json.of(R"({"a":1,"\u0061":"x","a":null})") == "a:null");
}

TEST_CASE("Line breaks between the tokens of a nested value become blanks", "[log]") {
  Json json;
  CHECK(json.of("{\"a\":{\n\"b\":\r\n[1,\n2]},\n\"c\"\n:\n1}") == "a:{ \"b\":  [1, 2]}|c:1");
  for (const Field& field : json.fields) CHECK(field.member.find_first_of("\r\n") == std::string_view::npos);
}

TEST_CASE("What is not one whole valid object is refused", "[log]") {
  Json json;
  for (const char* const text : {"",
                                 " ",
                                 "x",
                                 "[1]",
                                 "1",
                                 "\"a\"",
                                 "null",
                                 "{",
                                 "}",
                                 "{]",
                                 "{\"a\"}",
                                 "{\"a\":}",
                                 "{\"a\":1,}",
                                 "{,}",
                                 "{\"a\":1}x",
                                 "{\"a\":1}{}",
                                 "{\"a\":1}}",
                                 "{a:1}",
                                 "{'a':1}",
                                 "{\"a\" 1}",
                                 "{\"a\":1 \"b\":2}",
                                 "{\"a\":1:2}",
                                 "{\"a\":\"x}",
                                 "{\"a\":\"x\"y}",
                                 "{\"a\":\"x\"\"y\"}",
                                 "{\"a\":tru}",
                                 "{\"a\":truee}",
                                 "{\"a\":True}",
                                 "{\"a\":nul}",
                                 "{\"a\":NaN}",
                                 "{\"a\":01}",
                                 "{\"a\":-}",
                                 "{\"a\":1.}",
                                 "{\"a\":.5}",
                                 "{\"a\":+1}",
                                 "{\"a\":1e}",
                                 "{\"a\":1e+}",
                                 "{\"a\":0x1}",
                                 "{\"a\":1 2}",
                                 "{\"a\":1\"b\"}",
                                 "{\"a\":[1,]}",
                                 "{\"a\":[,1]}",
                                 "{\"a\":[1 2]}",
                                 "{\"a\":[}",
                                 "{\"a\":[1}",
                                 "{\"a\":{]}",
                                 "{\"a\":{\"b\"}}",
                                 "{\"a\":{}",
                                 "{\"a\":1\x01}",
                                 "{\"a\":{\"b\":1,}}",
                                 "{\"a\":\"\\x\"}",
                                 "{\"a\":\"\\u12\"}",
                                 "{\"a\":\"\\u12g4\"}",
                                 "{\"a\\q\":1}",
                                 "{\"a\":[\"\\q\"]}",
                                 "{\"a\":\"\t\"}",
                                 "{\"a\":\"\x01\"}",
                                 "{\"a\":\"\n\"}",
                                 "{\"a\":\"\xff\"}",
                                 "{\"a\":\"\xc3\"}",
                                 "{\"a\":\"\xed\xa0\x80\"}",
                                 "{\"a\":\"\xc0\x80\"}",
                                 "{\"a\":1}\x0c",
                                 "{\x1a\"a\":1}",
                                 "{\\\"a\":1}",
                                 "{\"a\":1}#",
                                 "\xef\xbb\xbf{\"a\":1}",
                                 "{\"a\":\"\\\"}",
                                 "{\"a\":\"\\u12\" 34\"}"}) {
    INFO(text);
    CHECK_FALSE(json.parse(text));
    CHECK(json.fields.empty());
  }
  CHECK_FALSE(json.parse(std::string_view("{\"a\":1}\0", 8)));
  CHECK_FALSE(json.parse(std::string_view("{\"a\0\":1}", 8)));
  CHECK(json.of("{\"a\":1}") == "a:1");
}

TEST_CASE("Numbers are kept as they were written, whatever their size", "[log]") {
  Json json;
  for (const char* const number : {"0", "-0", "0.0", "1E5", "1e-400", "1e400", "-12.340", "9223372036854775808",
                                   "18446744073709551616", "0.1000000000000000055511151231257827"}) {
    INFO(number);
    CHECK(json.of("{\"n\":" + std::string(number) + "}") == "n:" + std::string(number));
  }
}

TEST_CASE("Nesting is bounded", "[log]") {
  Json json;
  CHECK(json.parse(nested(deepest_json - 1)));
  CHECK_FALSE(json.parse(nested(deepest_json)));
  CHECK_FALSE(json.parse(nested(100'000)));
}

TEST_CASE("Texts of any length are parsed one after the other", "[log]") {
  Json json;
  for (const std::size_t size : {1, 15, 16, 63, 64, 65, 4000, 70'000, 300'000, 10}) {
    const std::string text(size, 'x');
    CHECK(json.of("{\"a\":\"" + text + "\",\"b\":1}") == "a=" + text + "|b:1");
  }
}

TEST_CASE("Parsing leaves the fields of the event alone", "[log]") {
  Json json;
  json.event.set("message", "m");
  CHECK(json.parse("{\"message\":1}"));
  CHECK_FALSE(json.parse("{\"message\":1"));
  CHECK(shown(json.event.fields) == "message=m");
}
