#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "core/config/node.hpp"

using namespace tandem;

namespace {

Node parse(const std::string& text) {
  Problems problems;
  auto documents = parse_yaml(text, "t.yaml", problems);
  INFO(problems.text());
  REQUIRE(problems.empty());
  REQUIRE(documents.size() == 1);
  return documents[0].root;
}

std::string problems_of(const std::string& text) {
  Problems problems;
  parse_yaml(text, "t.yaml", problems);
  return problems.text();
}

}  // namespace

TEST_CASE("plain scalars have the types Kubernetes' YAML 1.1 gives them, quoted ones are strings") {
  const Node root = parse(
      "{a: yes, b: 'yes', c: 0x1F, d: 010, e: 1_000, f: 1.5e3, g: ~, h: 1.2.3, i: 08, j: -7, k: .inf, l: 12e3, m: on, "
      "n: 1:30}");
  CHECK(root.find("a")->as_bool() == true);
  CHECK(root.find("b")->kind == Node::Kind::string);
  CHECK(root.find("c")->as_integer() == 31);
  CHECK(root.find("d")->as_integer() == 8);
  CHECK(root.find("e")->as_integer() == 1000);
  CHECK(root.find("f")->as_number() == 1500.0);
  CHECK(root.find("g")->is_null());
  CHECK(root.find("h")->kind == Node::Kind::string);
  CHECK(root.find("i")->as_number() == 8.0);
  CHECK(root.find("j")->as_integer() == -7);
  CHECK(root.find("k")->kind == Node::Kind::number);
  CHECK_FALSE(root.find("k")->as_number());
  CHECK(root.find("l")->as_number() == 12000.0);
  CHECK(root.find("m")->as_bool() == true);
  CHECK(root.find("n")->kind == Node::Kind::string);
}

TEST_CASE("integers at the edge of 64 bits are exact, and past it they are none") {
  CHECK(parse("a: 9223372036854775807").find("a")->as_integer() == INT64_MAX);
  CHECK(parse("a: -9223372036854775808").find("a")->as_integer() == INT64_MIN);
  CHECK_FALSE(parse("a: 9223372036854775808").find("a")->as_integer());
}

TEST_CASE("every value and key knows its line and column") {
  const Node root = parse("spec:\n  containers:\n  - name: web\n    image: x\n");
  const Node& container = root.find("spec")->find("containers")->items[0];
  CHECK(container.members[1].key_mark.line == 4);
  CHECK(container.members[1].key_mark.column == 5);
  CHECK(container.find("image")->mark.column == 12);
}

TEST_CASE("aliases and merge keys are resolved, own keys win, and the first merged mapping wins over later ones") {
  const Node root = parse("base: &b {x: 1, y: 2}\nmore: &m {y: 3, z: 4}\nuse: {<<: [*b, *m], x: 9}\nlist: [*b]\n");
  CHECK(to_json(*root.find("use")).dump() == R"({"x":9,"y":2,"z":4})");
  CHECK(root.find("list")->items[0].find("y")->as_integer() == 2);
}

TEST_CASE("several documents come back in order, empty ones left out; JSON is YAML") {
  Problems problems;
  const auto documents = parse_yaml("---\n---\na: 1\n---\n{\"b\": [true, null]}\n...\n", "t", problems);
  REQUIRE(documents.size() == 2);
  CHECK(to_json(documents[1].root).dump() == R"({"b":[true,null]})");
  CHECK(problems.empty());
}

TEST_CASE("what cannot be read is a problem with file, line and column") {
  CHECK(problems_of("a: 1\nb: [1, 2\n").find("t.yaml:3:1: ") == 0);
  CHECK(problems_of("a: 1\na: 2\n") == "t.yaml:2:1: the key \"a\" stands here twice; first on line 1\n");
  CHECK(problems_of("a:\n\tb: 1\n").find("t.yaml:2:1: ") == 0);
  CHECK(problems_of("a: *nowhere\n") ==
        "t.yaml:1:4: an alias that has no anchor before it; put a text that begins with * in quotes\n");
  CHECK(problems_of("a: !!binary aGk=\n").find("a tag that cannot be used here") != std::string::npos);
  CHECK(problems_of("? [a, b]\n: 1\n").find("a key must be a scalar") != std::string::npos);
  CHECK(problems_of(std::string("a: \xff\n")).find("t.yaml:") == 0);
}

TEST_CASE("documents before and after a broken one are read, and keep their lines") {
  Problems problems;
  bool whole = true;
  const auto documents =
      parse_yaml("a: 1\n---\nb: [\n---\nc: 3\n--- # fourth\nd: \"x\n---\r\ne: 5\n--- f", "t", problems, &whole);
  REQUIRE(documents.size() == 4);
  CHECK(documents[1].root.find("c")->mark.line == 5);
  CHECK(documents[2].root.find("e")->mark.line == 9);
  CHECK(documents[3].root.text == "f");
  CHECK(problems.all().size() == 2);
  CHECK_FALSE(whole);
}

TEST_CASE("a key written twice is a problem, its first value is kept, and what follows is read") {
  Problems problems;
  bool whole = false;
  const auto documents = parse_yaml("a: 1\na: 2\nb: {c: 1, c: 2}\n---\nd: 1\nd: 2\n", "t", problems, &whole);
  REQUIRE(documents.size() == 2);
  CHECK(to_json(documents[0].root).dump() == R"({"a":1,"b":{"c":1}})");
  CHECK(problems.all().size() == 3);
  CHECK(whole);
}

TEST_CASE("a text of nothing but broken documents is given up in bounded time") {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "---\n[\n";
  Problems problems;
  parse_yaml(text, "t", problems);
  CHECK(problems.all().size() == 100);
}

TEST_CASE("texts made to exhaust memory or stack are refused in bounded time") {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string previous = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) bomb += (j ? ", " : "") + previous;
    bomb += "]\n";
  }
  CHECK(problems_of(bomb).find("larger than 64 MiB in memory") != std::string::npos);
  CHECK(problems_of(std::string(5000, '[')).find("nested deeper than 100") != std::string::npos);
  CHECK(problems_of(std::string((16u << 20) + 1, ' ')).find("larger than 16 MiB") != std::string::npos);
}

TEST_CASE("a problem shows no text that its writer may have forgotten to quote") {
  for (const char* text : {"password: *hunter2\n", "password: !hunter2\n", "password: !!hunter2 x\n"}) {
    INFO(text);
    CHECK(problems_of(text) != "");
    CHECK(problems_of(text).find("hunter2") == std::string::npos);
  }
}
