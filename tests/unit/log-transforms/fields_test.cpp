#include <catch2/catch.hpp>

#include "tests/unit/log-transforms/transforms.hpp"

using namespace tandem;
using tests::make_transform;
using tests::show;

namespace {

void fill(shipper::Event& event) {
  event.clear();
  event.set("message", "hello");
  event.set("level", "error");
  event.set("status", "500", true);
}

}  // namespace

TEST_CASE("add sets texts, numbers, truth and null, and replaces a field in its place") {
  auto add = make_transform("add", "fields: {team: shop, n: 5, f: 0.5, hex: 0x1F, yes: true, none: null, level: warn}");
  REQUIRE(add.problems == "");
  shipper::Event event;
  fill(event);
  CHECK(add.apply(event));
  CHECK(show(event) == "message=hello level=warn status:500 team=shop n:5 f:0.5 hex:31 yes:true none:null");
  CHECK(event.find("team")->member == "\"team\":\"shop\"");
  CHECK(event.find("n")->member == "\"n\":5");
}

TEST_CASE("add puts other fields into a text, keeps a number alone a number, and takes a missing one for nothing") {
  auto add = make_transform(
      "add",
      "fields: {title: \"${level}: ${message}${none}!\", copy: \"${status}\", price: $$5 $x, home: \"$${HOME}\"}");
  REQUIRE(add.problems == "");
  shipper::Event event;
  fill(event);
  CHECK(add.apply(event));
  CHECK(event.text("title") == "error: hello!");
  CHECK(event.find("copy")->literal);
  CHECK(event.text("copy") == "500");
  CHECK(event.text("price") == "$5 $x");
  CHECK(event.text("home") == "${HOME}");
}

TEST_CASE("add says what is wrong with a value") {
  CHECK(make_transform("add", "{}").problems.find("fields: at least one is needed") != std::string::npos);
  CHECK(make_transform("add", "fields: {a: \"${b\"}").problems ==
        "t.yaml:1:13: transforms[0].fields.a: the text \"${b\" has a ${ without a }; ${field} is a field, $$ a dollar "
        "sign\n");
  CHECK(make_transform("add", "fields: {a: [1]}").problems.find("a text, a number, true, false or null is wanted") !=
        std::string::npos);
}

TEST_CASE("rename keeps a field's place and value, and replaces one that has the new name") {
  auto rename = make_transform("rename", "fields: {message: msg, status: level, none: other}");
  REQUIRE(rename.problems == "");
  shipper::Event event;
  fill(event);
  CHECK(rename.apply(event));
  CHECK(show(event) == "msg=hello level:500");
}

TEST_CASE("rename keeps a member that is escaped already, under its new name") {
  auto rename = make_transform("rename", "fields: {message: 'm\"sg', status: code}");
  REQUIRE(rename.problems == "");
  shipper::Event event;
  event.set({"message", "a\nb", false, "\"message\":\"a\\nb\""});
  event.set({"status", "500", true, "\"status\":500"});
  CHECK(rename.apply(event));
  CHECK(event.find("m\"sg")->member == "\"m\\\"sg\":\"a\\nb\"");
  CHECK(event.find("m\"sg")->text == "a\nb");
  CHECK(event.find("code")->member == "");
}

TEST_CASE("drop leaves out the fields that are named, keep all the others") {
  shipper::Event event;
  auto drop = make_transform("drop", "fields: [level, \"st*\"]");
  auto keep = make_transform("keep", "fields: [level, \"st*\"]");
  fill(event);
  CHECK(drop.apply(event));
  CHECK(show(event) == "message=hello");
  fill(event);
  CHECK(keep.apply(event));
  CHECK(show(event) == "level=error status:500");
  CHECK(make_transform("drop", "{}").problems ==
        "t.yaml:1:1: transforms[0]: the field \"fields\" is missing; for example fields: [debug, \"tmp_*\"]\n");
  CHECK(make_transform("keep", "fields: []").problems.find("at least one field is needed") != std::string::npos);
}

TEST_CASE("filter keeps or drops the records for which its condition holds") {
  shipper::Event event;
  fill(event);
  CHECK(make_transform("filter", "keep: 'status >= 500'").apply(event));
  CHECK_FALSE(make_transform("filter", "drop: 'status >= 500'").apply(event));
  CHECK_FALSE(make_transform("filter", "keep: 'level == \"info\"'").apply(event));
  CHECK(make_transform("filter", "drop: 'level == \"info\"'").apply(event));
}

TEST_CASE("filter says what is wrong with its condition") {
  CHECK(make_transform("filter", "{}").problems.find("one of keep and drop is needed") != std::string::npos);
  CHECK(make_transform("filter", "{keep: a == 1, drop: a == 2}").problems.find("exclude each other") !=
        std::string::npos);
  CHECK(make_transform("filter", "keep: level =").problems ==
        "t.yaml:1:7: transforms[0].keep: at character 7: \"=\" is written ==\n");
  CHECK(make_transform("filter", "keep: ''").problems.find("the condition is empty") != std::string::npos);
  CHECK(make_transform("filter", "keep: 5").problems.find("a string is wanted") != std::string::npos);
}
