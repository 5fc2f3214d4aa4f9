#include "core/config/reader.hpp"

#include <catch2/catch.hpp>

using namespace tandem;

namespace {

struct Read {
  explicit Read(const std::string& text) : documents(parse_yaml(text, "c.yaml", problems)) {}
  Reader reader() { return Reader(documents.at(0).root, "c.yaml", "", problems); }
  Problems problems;
  std::vector<Document> documents;
};

}  // namespace

TEST_CASE("one pass over a mapping reports every problem with its place and remedy") {
  Read read(
      "listn: 1\nport: \"80\"\nname: 5\nlevel: wran\nsize: 5 apples\nwait: 10\nratio: x\ntags: [a, 2]\nitems: [{a: 1}, "
      "7]\n");
  Reader reader = read.reader();
  reader.string("listen");
  CHECK(reader.integer("port", 1, 1, 65535) == 1);
  CHECK(reader.string("name", "none") == "none");
  CHECK(reader.choice("level", "info", {"debug", "info", "warn"}) == "info");
  reader.bytes("size", Bytes{1});
  reader.duration("wait", std::chrono::seconds(1));
  reader.number("ratio", 0.5);
  CHECK(reader.strings("tags") == std::vector<std::string>{"a"});
  reader.each("items", [](Reader& item) {
    item.integer("a", 0, 0, 9);
    item.done();
  });
  reader.required_string("missing");
  reader.done();
  CHECK(read.problems.text() ==
        "c.yaml:1:1: the field \"missing\" is missing\n"
        "c.yaml:1:1: unknown field \"listn\"; did you mean \"listen\"?\n"
        "c.yaml:2:7: port: an integer is wanted, not a string; write it without quotes\n"
        "c.yaml:3:7: name: a string is wanted, not an integer; write it in quotes: \"5\"\n"
        "c.yaml:4:8: level: \"wran\" is none of: debug, info, warn; did you mean \"warn\"?\n"
        "c.yaml:5:7: size: a size is wanted; for example 64Mi, 1Gi, 500k\n"
        "c.yaml:6:7: wait: a duration with its unit is wanted; for example 500ms, 10s, 1m30s\n"
        "c.yaml:7:8: ratio: a number is wanted, not a string\n"
        "c.yaml:8:11: tags[1]: a string is wanted, not an integer; write it in quotes: \"2\"\n"
        "c.yaml:9:17: items[1]: a mapping is wanted, not an integer\n");
}

TEST_CASE("absent and null fields give the fallback, nested paths are named in full") {
  Read read("a: null\nb: {c: {d: 70000}}\n");
  Reader reader = read.reader();
  CHECK(reader.string("a", "fallback") == "fallback");
  CHECK_FALSE(reader.has("a"));
  Reader c = reader.object("b").object("c");
  CHECK(c.integer("d", 1, 1, 65535) == 1);
  CHECK(reader.object("none").boolean("x", true));
  CHECK(read.problems.text() == "c.yaml:2:12: b.c.d: 70000 is out of range; from 1 to 65535\n");
}

TEST_CASE("a slip of the pen finds its word, something else finds none") {
  const std::vector<std::string> known{"containers", "initContainers", "volumes", "restartPolicy"};
  CHECK(closest("contianers", known) == "containers");
  CHECK(closest("restartpolicy", known) == "restartPolicy");
  CHECK(closest("replicas", known).empty());
  CHECK(closest("", known).empty());
}
