#include "sidecars/log/transform/condition.hpp"

#include <catch2/catch.hpp>

using namespace tandem::shipper;

namespace {

Event& request() {
  static Event event;
  event.clear();
  event.set("message", "GET /health took 12 ms");
  event.set("level", "error");
  event.set("status", "500", true);
  event.set("took", "0.25");
  event.set("id", "9007199254740993", true);
  event.set("big", "18446744073709551615", true);
  event.set("cached", "false", true);
  event.set("user", "null", true);
  event.set("word", "null");
  event.set("a b", "x");
  event.set("and", "y");
  event.set("größe", "5", true);
  return event;
}

bool holds(const std::string& text) {
  std::string problem;
  const auto condition = parse_condition(text, problem);
  INFO(text << ": " << problem);
  REQUIRE(condition);
  return condition->holds(request());
}

std::string problem_of(const std::string& text) {
  std::string problem;
  CHECK(parse_condition(text, problem) == nullptr);
  return problem;
}

}  // namespace

TEST_CASE("a condition compares texts byte by byte") {
  CHECK(holds("level == \"error\""));
  CHECK_FALSE(holds("level == \"Error\""));
  CHECK(holds("level != \"info\""));
  CHECK(holds("level < \"f\""));
  CHECK(holds("level >= \"error\""));
  CHECK(holds("level > \"e\""));
  CHECK_FALSE(holds("level <= \"e\""));
}

TEST_CASE("a condition compares numbers as numbers, whether a field is one or its text is") {
  CHECK(holds("status >= 500"));
  CHECK(holds("status < 1000"));
  CHECK(holds("status == 5e2"));
  CHECK(holds("took < 0.3"));
  CHECK(holds("took == 0.250"));
  CHECK_FALSE(holds("took > 12"));
  CHECK(holds("status != 500.5"));
  CHECK(holds("took > -1"));
}

TEST_CASE("integers past 2^53 are compared to the last digit") {
  CHECK(holds("id == 9007199254740993"));
  CHECK_FALSE(holds("id == 9007199254740992"));
  CHECK(holds("id > 9007199254740992"));
  CHECK(holds("id > 9007199254740992.0"));
  CHECK(holds("big > 9223372036854775807"));
  CHECK(holds("big < 1e999"));
  CHECK(holds("big > -1e999"));
}

TEST_CASE("a number against a text that is none is a comparison of bytes") {
  CHECK_FALSE(holds("level == 5"));
  CHECK(holds("level != 5"));
  CHECK(holds("level > 5"));
}

TEST_CASE("true, false and null are what a literal says, and null is not the text null") {
  CHECK(holds("cached == false"));
  CHECK(holds("cached != true"));
  CHECK(holds("user == null"));
  CHECK_FALSE(holds("word == null"));
  CHECK(holds("word != null"));
  CHECK(holds("word == \"null\""));
}

TEST_CASE("a missing field equals nothing: only != and !~ hold for it") {
  for (const char* sign : {"==", "<", "<=", ">", ">="}) CHECK_FALSE(holds(std::string("none ") + sign + " 5"));
  CHECK(holds("none != 5"));
  CHECK(holds("none != null"));
  CHECK_FALSE(holds("none == null"));
  CHECK_FALSE(holds("none =~ \"\""));
  CHECK(holds("none !~ \"\""));
}

TEST_CASE("patterns are RE2's and are found anywhere") {
  CHECK(holds("message =~ \"^GET /health\""));
  CHECK(holds("message =~ \"took \\\\d+ ms$\""));
  CHECK(holds("message !~ \"POST\""));
  CHECK_FALSE(holds("message =~ \"(?i)post\""));
  CHECK(holds("status =~ \"^5..$\""));
}

TEST_CASE("not binds more tightly than and, and more tightly than or") {
  CHECK(holds("level == \"error\" or level == \"x\" and level == \"y\""));
  CHECK_FALSE(holds("(level == \"error\" or level == \"x\") and level == \"y\""));
  CHECK(holds("not level == \"x\" and status == 500"));
  CHECK_FALSE(holds("not (level == \"x\" or status == 500)"));
  CHECK(holds("not not exists(level)"));
  CHECK(holds("level == \"error\" and status >= 500 and not (message =~ \"^/health\" or exists(debug))"));
}

TEST_CASE("exists and field take a name, or a quoted one, and keywords can be fields") {
  CHECK(holds("exists(level)"));
  CHECK_FALSE(holds("exists(debug)"));
  CHECK(holds("exists(\"a b\")"));
  CHECK(holds("exists(user)"));
  CHECK(holds("exists(field(\"a b\"))"));
  CHECK_FALSE(holds("exists(field)"));
  CHECK(holds("field(\"a b\") == \"x\""));
  CHECK(holds("field(\"and\") == \"y\""));
  CHECK_FALSE(holds("field == \"x\""));
  CHECK_FALSE(holds("exists == \"x\""));
  CHECK(holds("größe == 5"));
}

TEST_CASE("a text has the escapes of JSON") {
  CHECK(holds("level == \"\\u0065rror\""));
  CHECK_FALSE(holds("level == \"\\\"\\n\""));
}

TEST_CASE("what is wrong with a condition names the character and the remedy") {
  CHECK(problem_of("level ==") == "at character 9: expected a value after ==, found the end");
  CHECK(problem_of("level == error") ==
        "at character 10: expected a value after == (a text is in quotes: \"error\"), found \"error\"");
  CHECK(problem_of("level = \"x\"") == "at character 7: \"=\" is written ==");
  CHECK(problem_of("a == 1 && b == 2") == "at character 8: \"&&\" is written and");
  CHECK(problem_of("a == 'x'") == "at character 6: texts are in double quotes (\")");
  CHECK(problem_of("größe == 'x'") == "at character 10: texts are in double quotes (\")");
  CHECK(problem_of("\"a b\" == 1") ==
        "at character 1: expected a field's name (the field comes first, as in level == \"error\"; a name with blanks "
        "is written field(\"a b\")), found \"a b\"");
  CHECK(problem_of("a == \"x") == "at character 6: this text has no end; close it with \"");
  CHECK(problem_of("(a == 1") == "at character 8: expected \")\", found the end");
  CHECK(problem_of("a == 1 b == 2") == "at character 8: expected \"and\", \"or\" or the end, found \"b\"");
  CHECK(problem_of("level") == "at character 6: expected one of == != < <= > >= =~ !~ after level, found the end");
  CHECK(problem_of("a =~ \"(\"") == "at character 6: the pattern \"(\" is not valid: missing ): (");
  CHECK(problem_of("a =~ \"\\d\"").find("write \\\\ for one backslash") != std::string::npos);
  CHECK(problem_of("a == 12x") == "at character 6: \"12x\" is no number; write a text in double quotes");
  CHECK(problem_of("a < null") == "at character 5: null has no order; compare it by == or !=");
  CHECK(problem_of("") == "at character 1: the condition is empty; leave the key out to take every record");
  CHECK(problem_of("not") == "at character 4: expected a field's name, found the end");
  CHECK(problem_of("field(x) == 1") == "at character 7: expected a field's name in double quotes, found \"x\"");
}

TEST_CASE("nesting and length of a condition are bounded") {
  std::string problem;
  CHECK(parse_condition(std::string(60, '(') + "a == 1" + std::string(60, ')'), problem));
  CHECK(problem_of(std::string(5000, '(')) == "at character 65: more than 64 levels of \"not\" and parentheses");
  std::string nots;
  for (int i = 0; i < 1000; ++i) nots += "not ";
  CHECK(problem_of(nots + "a == 1").find("more than 64 levels") != std::string::npos);
  CHECK(problem_of("a == \"" + std::string(20000, 'x') + "\"") ==
        "at character 1: a condition has at most 16384 bytes");
}
