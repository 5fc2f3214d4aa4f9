#include <catch2/catch.hpp>
#include <map>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "pods/state/layout.hpp"
#include "pods/state/roots_file.hpp"
#include "tests/support/servers.hpp"

using namespace tandem;
using namespace tandem::state;

namespace {
Roots roots_with(std::map<std::string, std::string> environment, unsigned uid) {
  return roots_from(
      [&](const char* name) {
        const auto found = environment.find(name);
        return found == environment.end() ? nullptr : found->second.c_str();
      },
      uid, "/usr/bin/tandem");
}
}  // namespace

TEST_CASE("root has /run and /var/lib, and plain names") {
  const Roots roots = roots_with({}, 0);
  CHECK(roots.run == "/run/tandem");
  CHECK(roots.lib == "/var/lib/tandem");
  CHECK(roots.cgroup_parent() == "tandem");
  CHECK(roots.bridge() == "tandem0");
}

TEST_CASE("TANDEM_ROOT moves both trees and gives every shared name a tag of its own") {
  const Roots roots = roots_with({{"TANDEM_ROOT", "/srv/a/"}}, 0);
  CHECK(roots.run == "/srv/a/run");
  CHECK(roots.lib == "/srv/a/lib");
  REQUIRE(roots.tag.size() == 6);
  CHECK(roots.tag == roots_with({{"TANDEM_ROOT", "/srv/../srv/a"}}, 0).tag);
  CHECK(roots.tag != roots_with({{"TANDEM_ROOT", "/srv/b"}}, 0).tag);
  CHECK(roots.bridge().size() <= 15);
}

TEST_CASE("other users have XDG's directories, with their defaults") {
  const Roots set = roots_with({{"XDG_RUNTIME_DIR", "/run/user/7"}, {"XDG_DATA_HOME", "/data"}}, 7);
  CHECK(set.run == "/run/user/7/tandem");
  CHECK(set.lib == "/data/tandem");
  const Roots unset = roots_with({{"HOME", "/home/u"}}, 7);
  CHECK(unset.run == "/run/user/7/tandem");
  CHECK(unset.lib == "/home/u/.local/share/tandem");
  CHECK_THROWS_AS(roots_with({}, 7), Error);
}

TEST_CASE("the helpers' folder: said, installed beside, or the program's own") {
  CHECK(roots_with({{"TANDEM_LIBEXEC", "/opt/x"}}, 0).libexec == "/opt/x");
  test::TemporaryDirectory prefix;
  fs::create_directories(prefix / "bin");
  const auto none = [](const char*) -> const char* { return nullptr; };
  CHECK(roots_from(none, 0, prefix / "bin" / "tandem").libexec == prefix / "bin");
  fs::create_directories(prefix.path() / "libexec/tandem");
  CHECK(roots_from(none, 0, prefix / "bin" / "tandem").libexec == prefix.path() / "libexec/tandem");
}

TEST_CASE("roots come back from their JSON") {
  const Roots roots = roots_with({{"TANDEM_ROOT", "/srv/a"}}, 0);
  const Roots again = parse_roots(to_json(roots));
  CHECK(again.run == roots.run);
  CHECK(again.lib == roots.lib);
  CHECK(again.tag == roots.tag);
  CHECK(again.libexec == roots.libexec);
  CHECK_THROWS_AS(parse_roots("{}"), Error);
}

TEST_CASE("a pod's Roots are told by its place where its roots.json is damaged, missing or another's") {
  const test::TemporaryDirectory directory;
  const Roots roots = roots_with({{"TANDEM_ROOT", directory.path().string()}}, 0);
  const PodPaths paths(roots, "0123456789ab");
  make_directories(paths.run);
  const std::string other = to_json(roots_with({{"TANDEM_ROOT", "/srv/other"}}, 0));
  for (const std::string& text : {std::string(), std::string("{"), std::string("[1]"), std::string("{}"), other}) {
    CAPTURE(text);
    write_file(paths.roots(), text);
    const Roots told = read_roots(paths.run);
    CHECK(told.run == roots.run);
    CHECK(told.lib == roots.lib);
    CHECK(told.tag == roots.tag);
  }
  const Roots plain = roots_around("/run/tandem", "/usr/bin/tandem");
  CHECK(plain.lib == "/var/lib/tandem");
  CHECK(plain.cgroup_parent() == "tandem");
}
