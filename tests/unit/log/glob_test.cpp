#include <catch2/catch.hpp>

#include "core/os/files.hpp"
#include "sidecars/log/glob.hpp"
#include "sidecars/log/listing.hpp"
#include "tests/support/servers.hpp"

using namespace tandem;
using namespace tandem::shipper;

TEST_CASE("a pattern part matches one name as a shell does") {
  CHECK(match_name("*.log*", "app.log.1"));
  CHECK(match_name("*.log*", "app.log"));
  CHECK_FALSE(match_name("*.log", "app.log.1"));
  CHECK(match_name("a?c", "abc"));
  CHECK_FALSE(match_name("a?c", "ac"));
  CHECK(match_name("[a-c]x", "bx"));
  CHECK_FALSE(match_name("[!a-c]x", "bx"));
  CHECK(match_name("[]]x", "]x"));
  CHECK(match_name("[x", "[x"));
  CHECK(match_name("\\*", "*"));
  CHECK_FALSE(match_name("\\*", "a"));
  CHECK(match_name("*a*b*c*", "xxaxxbxxcxx"));
  CHECK_FALSE(match_name("*", ".hidden"));
  CHECK(match_name(".*", ".hidden"));
}

TEST_CASE("many stars do not take forever") {
  CHECK_FALSE(match_name("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", std::string(5000, 'a')));
}

TEST_CASE("a pattern knows its fixed root and matches whole paths") {
  const Glob glob("/logs//app/*.log");
  CHECK(glob.root() == "/logs/app");
  CHECK(glob.pattern() == "/logs/app/*.log");
  CHECK(glob.matches("/logs/app/x.log"));
  CHECK_FALSE(glob.matches("/logs/app/y/x.log"));
  CHECK(Glob("/logs/**/*.log").matches("/logs/x.log"));
  CHECK(Glob("/logs/**/*.log").matches("/logs/a/b/x.log"));
  CHECK(Glob("/logs/**").matches("/logs/a/b"));
  CHECK_FALSE(Glob("/logs/**").matches("/other/a"));
  CHECK(Glob("/logs/app.log").root() == "/logs");
}

TEST_CASE("a listing has each inode once, leaves out what is excluded, and names the folders to watch") {
  test::TemporaryDirectory directory;
  const auto root = directory.path().string();
  make_directories(directory / "a");
  write_file(directory.path() / "a/x.log", "x");
  write_file(directory.path() / "a/skip.log", "s");
  fs::create_hard_link(directory.path() / "a/x.log", directory.path() / "a/y.log");
  fs::create_symlink(directory.path() / "a/x.log", directory.path() / "a/z.log");
  const Source source{"app", {Glob(root + "/*/*.log"), Glob(root + "/absent/*.log")}, {Glob(root + "/a/skip.log")}};
  const Listing listing = list_sources({source});
  REQUIRE(listing.files.size() == 1);
  CHECK(listing.files[0].path == root + "/a/x.log");
  CHECK(listing.files[0].source == "app");
  CHECK(listing.files[0].size == 1);
  CHECK(listing.directories == std::vector<std::string>{root, root + "/a", root + "/absent"});
  CHECK(source.takes(root + "/a/x.log"));
  CHECK_FALSE(source.takes(root + "/a/skip.log"));
}

TEST_CASE("symlinks in a circle end a listing") {
  test::TemporaryDirectory directory;
  make_directories(directory / "a");
  fs::create_directory_symlink(directory.path(), directory.path() / "a/up");
  write_file(directory.path() / "x.log", "x");
  CHECK(list_sources({{"app", {Glob(directory.path().string() + "/**/*.log")}, {}}}).files.size() == 1);
}
