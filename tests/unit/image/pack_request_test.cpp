#include <catch2/catch.hpp>

#include "core/os/error.hpp"
#include "pods/image/pack.hpp"
#include "pods/image/standard_files.hpp"

using namespace tandem;
using namespace tandem::image;

TEST_CASE("what users type for files, directories and links") {
  const ExtraFile file = parse_extra_file("a/b:/etc//x:0640");
  CHECK(file.source == "a/b");
  CHECK(file.path == "/etc/x");
  CHECK(file.mode == 0640);
  CHECK_FALSE(parse_extra_file("a:/b").mode);
  CHECK(parse_extra_directory("/data").mode == 0755);
  CHECK(parse_extra_directory("/data:1777").mode == 01777);
  CHECK(parse_extra_link("/bin/sh:busybox").target == "busybox");
  for (const char* text : {"a", ":/b", "a:b", "a:/b:9", "a:/b:77777", "a:/b:"})
    CHECK_THROWS_AS(parse_extra_file(text), Error);
  for (const char* text : {"data", "/data:x"}) CHECK_THROWS_AS(parse_extra_directory(text), Error);
  for (const char* text : {"/x", "/x:", "x:y"}) CHECK_THROWS_AS(parse_extra_link(text), Error);
}

TEST_CASE("a user gets the same number everywhere") {
  CHECK(parse_pack_user("").text.empty());
  CHECK(parse_pack_user("www-data").text == "33:33");
  CHECK(parse_pack_user("nobody").text == "65534:65534");
  CHECK(parse_pack_user("redis").text == "1000:1000");
  CHECK(parse_pack_user("1234").text == "1234:1234");
  CHECK(parse_pack_user("5:6").text == "5:6");
  CHECK(parse_pack_user("root").uid == 0);
  for (const char* text : {"a b", "x:", ":1", "Upper", "4294967295"}) {
    INFO(text);
    CHECK_THROWS_AS(parse_pack_user(text), Error);
  }
}

TEST_CASE("every image has users, name service and places to write") {
  Tree tree;
  add_standard_files(tree, parse_pack_user("redis"), "/");
  CHECK(tree.find("/etc/passwd")->content.find("redis:x:1000:1000:") != std::string::npos);
  CHECK(tree.find("/etc/group")->content.find("redis:x:1000:") != std::string::npos);
  CHECK(tree.find("/etc/nsswitch.conf")->content.find("hosts: files dns") != std::string::npos);
  CHECK(tree.find("/tmp")->mode == 01777);
  Tree own;
  own.add_content("/etc/passwd", "mine");
  add_standard_files(own, parse_pack_user("redis"), "/");
  CHECK(own.find("/etc/passwd")->content == "mine");
}
