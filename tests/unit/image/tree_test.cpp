#include "pods/image/tree.hpp"

#include <catch2/catch.hpp>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "tests/support/servers.hpp"

using namespace tandem;
using image::Tree;

TEST_CASE("parents are made, and the tree's own symlinks are followed") {
  Tree tree;
  tree.add_directory("/usr/lib");
  tree.add_symlink("/lib", "usr/lib");
  tree.add_content("/lib/deep/file", "x");
  CHECK(tree.entries().contains("/usr/lib/deep/file"));
  CHECK(tree.has("/lib/deep/../deep/file"));
  tree.add_directory("/lib", 0700);  // a symlink to a directory counts as one
  CHECK(tree.find("/lib")->kind == image::TreeEntry::Kind::symlink);
  CHECK(tree.entries().at("/usr/lib").mode == 0700);
}

TEST_CASE("a file cannot take a directory's place, nor lie below a file") {
  Tree tree;
  tree.add_content("/a/b", "x");
  CHECK_THROWS_AS(tree.add_content("/a", "y"), Error);
  CHECK_THROWS_AS(tree.add_content("/a/b/c", "y"), Error);
  tree.add_symlink("/x", "y");
  tree.add_symlink("/y", "x");
  CHECK_THROWS_AS(tree.add_content("/x/file", ""), Error);
}

TEST_CASE("a path is taken out with all below it, and nothing beside it") {
  Tree tree;
  for (const char* path : {"/a/b/c", "/a/b.txt", "/a/bc"}) tree.add_content(path, "");
  tree.remove("/a/b");
  CHECK_FALSE(tree.has("/a/b"));
  CHECK_FALSE(tree.has("/a/b/c"));
  CHECK(tree.has("/a/b.txt"));
  CHECK(tree.has("/a/bc"));
}

TEST_CASE("names never leave the root") {
  test::TemporaryDirectory directory;
  make_directories(directory / "root");
  write_file(directory / "outside", "secret");
  fs::create_symlink("../outside", directory / "root/up");
  fs::create_symlink(directory / "outside", directory / "root/absolute");
  Tree tree;
  CHECK_THROWS_AS(tree.add_from(directory / "root", "/up"), Error);
  CHECK_THROWS_AS(tree.add_from(directory / "root", "/absolute"), Error);
  CHECK_THROWS_AS(tree.add_from(directory / "root", "/../outside"), Error);
  tree.add_from(directory / "root", "/up", false);
  CHECK(tree.find("/up")->target == "../outside");
}
