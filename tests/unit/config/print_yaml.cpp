#include "core/config/print_yaml.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace tandem;

namespace {

void reads_back(const nlohmann::ordered_json& json) {
  const std::string text = print_yaml(from_json(json));
  INFO(text);
  Problems problems;
  const auto documents = parse_yaml(text, "t", problems);
  INFO(problems.text());
  REQUIRE(documents.size() == 1);
  CHECK(to_json(documents[0].root) == json);
}

}  // namespace

TEST_CASE("what is printed reads back as the same, whatever the strings hold") {
  for (const char* text :
       {"",      " ",    "a",     "yes",       "~",         "1",    "0x1",        "1.5",      "-",     "- a",  "-a",
        "a: b",  "a #b", "#",     "a:",        "*a",        "&a",   "!a",         "'",        "\"",    "a\nb", "a\nb\n",
        "a\n\n", "\n",   " a\nb", "a\n  b\nc", "tab\there", "\x01", "2026-11-22", "12:30:45", "--- a", "<<",   "=",
        "null",  "[a]",  "{a",    "ü",         "a\\b",      "%x",   "@x",         "a, b",     "? a",   ": a"})
    reads_back({{"key", text}, {text, "value"}, {"list", {text, {{"in", text}}, {text, text}}}});
  reads_back(
      {{"empty",
        {{"map", nlohmann::ordered_json::object()}, {"list", nlohmann::ordered_json::array()}, {"null", nullptr}}},
       {"numbers", {1, -2, 1.5, 1e300, true, false}}});
}

TEST_CASE("the layout is kubectl's: lists at their key's column, texts of lines as blocks") {
  Problems problems;
  const auto documents =
      parse_yaml(R"({"a": {"b": [{"c": 1, "d": [2]}, "x"]}, "t": "one\ntwo\n", "e": []})", "t", problems);
  CHECK(print_yaml(documents.at(0).root) == "a:\n  b:\n  - c: 1\n    d:\n    - 2\n  - x\nt: |\n  one\n  two\ne: []\n");
}
