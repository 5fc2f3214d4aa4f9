#include "pods/image/closure.hpp"

#include <catch2/catch.hpp>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "tests/support/servers.hpp"
#include "tests/unit/image/made_elf.hpp"

using namespace tandem;
using image::Closure;
using image::Tree;
using image::TreeEntry;

namespace {

struct Root {
  test::TemporaryDirectory directory;
  Tree tree;

  void elf(const std::string& path, const test::ElfParts& parts) { file(path, test::make_elf(parts)); }
  void file(const std::string& path, const std::string& content) {
    make_directories((directory.path().string() + path).substr(0, (directory.path().string() + path).rfind('/')));
    write_file(directory.path().string() + path, content, 0755);
  }
  void link(const std::string& path, const std::string& target) {
    make_directories((directory.path().string() + path).substr(0, (directory.path().string() + path).rfind('/')));
    fs::create_symlink(target, directory.path().string() + path);
  }
  void close(const std::string& program) {
    Closure closure(directory.path(), tree);
    tree.add_from(directory.path(), program);
    closure.add_needs_of(program, Closure::Scripts::required);
  }
  bool is_file(const std::string& path) const {
    const TreeEntry* entry = tree.find(path);
    return entry && entry->kind == TreeEntry::Kind::file;
  }
};

constexpr const char* lib = "/usr/lib/x86_64-linux-gnu/";

}  // namespace

TEST_CASE("libraries of libraries and the loader come along, with the symlinks on the way") {
  Root root;
  root.link("/lib", "usr/lib");
  root.link("/lib64", "usr/lib64");
  root.elf("/usr/bin/x", {.interpreter = "/lib64/ld.so", .needed = {"liba.so.1"}});
  root.elf(lib + std::string("liba.so.1.0"), {.needed = {"libb.so"}, .soname = "liba.so.1"});
  root.link(lib + std::string("liba.so.1"), "liba.so.1.0");
  root.elf(lib + std::string("libb.so"), {.needed = {"liba.so.1"}});  // in a circle
  root.elf("/usr/lib/ld-real.so", {});
  root.link("/usr/lib64/ld.so", "/lib/ld-real.so");
  root.close("/usr/bin/x");
  CHECK(root.is_file("/usr/lib/ld-real.so"));
  CHECK(root.tree.find("/lib64")->target == "usr/lib64");
  CHECK(root.tree.find("/usr/lib64/ld.so")->target == "/lib/ld-real.so");
  CHECK(root.is_file(lib + std::string("liba.so.1.0")));
  CHECK(root.tree.find(lib + std::string("liba.so.1"))->target == "liba.so.1.0");
  CHECK(root.is_file(lib + std::string("libb.so")));
}

TEST_CASE("runpath with $ORIGIN, rpath of who loaded it, and ld.so.conf are followed; images need no cache for them") {
  Root root;
  root.elf("/opt/x/bin/x", {.needed = {"liba.so"}, .runpath = "$ORIGIN/../lib"});
  root.elf("/opt/x/lib/liba.so", {.needed = {"libconf.so"}});
  root.elf("/srv/lib/libconf.so", {});
  root.file("/etc/ld.so.conf", "# comment\ninclude /etc/ld.so.conf.d/*.conf\n");
  root.file("/etc/ld.so.conf.d/srv.conf", "/srv/lib  # ours\n");
  root.close("/opt/x/bin/x");
  CHECK(root.is_file("/opt/x/lib/liba.so"));
  CHECK(root.is_file("/srv/lib/libconf.so"));
  CHECK(root.tree.find(lib + std::string("libconf.so"))->target == "/srv/lib/libconf.so");

  Root old;
  old.elf("/usr/bin/y", {.needed = {"liba.so"}, .rpath = "/opt/private"});
  old.elf("/opt/private/liba.so", {.needed = {"libb.so"}});
  old.elf("/opt/private/libb.so", {});
  old.close("/usr/bin/y");
  CHECK(old.is_file("/opt/private/libb.so"));
}

TEST_CASE("a library of another machine is passed over") {
  Root root;
  root.elf("/usr/bin/x", {.needed = {"liba.so"}});
  root.elf(lib + std::string("liba.so"), {.machine = EM_AARCH64});
  root.elf("/usr/lib/liba.so", {});
  root.close("/usr/bin/x");
  CHECK(root.is_file("/usr/lib/liba.so"));
  CHECK_FALSE(root.is_file(lib + std::string("liba.so")));
}

TEST_CASE("a missing library names itself, who needs it, and where it was looked for") {
  Root root;
  root.elf("/usr/bin/x", {.needed = {"liba.so"}});
  root.elf("/usr/lib/liba.so", {.needed = {"libfoo.so.1"}});
  CHECK_THROWS_WITH(root.close("/usr/bin/x"),
                    Catch::Contains("libfoo.so.1, needed by /usr/lib/liba.so, was not found in") &&
                        Catch::Contains("/usr/lib/x86_64-linux-gnu"));
}

TEST_CASE("a script brings its interpreter, and says when it is not there") {
  Root root;
  root.file("/usr/bin/script", "#! /bin/sh -e\necho\n");
  root.elf("/bin/sh", {.needed = {"liba.so"}});
  root.elf("/usr/lib/liba.so", {});
  root.close("/usr/bin/script");
  CHECK(root.is_file("/bin/sh"));
  CHECK(root.is_file("/usr/lib/liba.so"));
  root.file("/usr/bin/other", "#!/usr/bin/perl\n");
  CHECK_THROWS_WITH(root.close("/usr/bin/other"), Catch::Contains("/usr/bin/perl"));
}

TEST_CASE("a library may be asked for by name; symlink loops and damaged files end") {
  Root root;
  root.elf("/usr/lib/libplugin.so", {.needed = {"liba.so"}});
  root.elf("/usr/lib/liba.so", {});
  Closure closure(root.directory.path(), root.tree);
  closure.add_library("libplugin.so");
  CHECK(root.is_file("/usr/lib/liba.so"));
  CHECK_THROWS_AS(closure.add_library("libnone.so"), Error);
  root.link("/usr/lib/libloop.so", "libloop.so");
  CHECK_THROWS_AS(closure.add_library("libloop.so"), Error);
  root.file("/usr/lib/libcut.so", test::make_elf({.needed = {"liba.so"}}).substr(0, 80));
  CHECK_THROWS_WITH(closure.add_library("libcut.so"), Catch::Contains("libcut.so"));
}
