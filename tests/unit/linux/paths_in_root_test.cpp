#include <fcntl.h>
#include <seccomp.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "pods/linux/paths_in_root.hpp"
#include "tests/support/servers.hpp"

using namespace tandem;
using namespace tandem::linux_;

namespace {

// outer/secret is what must never be reached; outer/root is the root.
struct Scene {
  test::TemporaryDirectory outer;
  fs::path root = outer / "root";
  unique_fd fd;
  Scene() {
    make_directories(root / "etc");
    make_directories(outer / "secret");
    write_file(outer / "secret/key", "s3cret");
    fd = open_file(root, O_PATH | O_DIRECTORY);
  }
};

std::string place_of(const unique_fd& fd) { return fs::read_symlink("/proc/self/fd/" + std::to_string(fd.get())); }

}  // namespace

TEST_CASE("links and dots of an image stay in its root") {
  const Scene scene;
  write_file(scene.root / "etc/passwd", "");
  fs::create_symlink(scene.outer.path() / "secret", scene.root / "absolute");
  fs::create_symlink("../../../../etc", scene.root / "upwards");
  CHECK(place_of(open_in_root(scene.fd.get(), "/../../etc/passwd")) == scene.root / "etc/passwd");
  CHECK(place_of(open_in_root(scene.fd.get(), "/upwards/passwd")) == scene.root / "etc/passwd");
  CHECK_THROWS_AS(open_in_root(scene.fd.get(), "/absolute/key"), Error);
}

TEST_CASE("what is missing is made inside, behind dangling links too") {
  const Scene scene;
  fs::create_symlink(scene.outer.path() / "secret/new", scene.root / "dangling");
  fs::create_symlink("../run/resolve/stub.conf", scene.root / "etc/resolv.conf");
  CHECK(place_of(open_in_root(scene.fd.get(), "/a/b/c", Missing::create_directory)) == scene.root / "a/b/c");
  CHECK(place_of(open_in_root(scene.fd.get(), "/etc/resolv.conf", Missing::create_file)) ==
        scene.root / "run/resolve/stub.conf");
  const std::string made = place_of(open_in_root(scene.fd.get(), "/dangling/x", Missing::create_directory));
  CHECK(made == scene.root.string() + (scene.outer.path() / "secret/new/x").string());
  CHECK_FALSE(fs::exists(scene.outer / "secret/new"));
  CHECK_FALSE(fs::exists(scene.outer / "run"));
}

TEST_CASE("links in a circle are an error") {
  const Scene scene;
  fs::create_symlink("b", scene.root / "a");
  fs::create_symlink("a", scene.root / "b");
  CHECK_THROWS_AS(open_in_root(scene.fd.get(), "/a/x", Missing::create_directory), Error);
}

TEST_CASE("a file in the way of a directory is an error that names the path") {
  const Scene scene;
  write_file(scene.root / "etc/hosts", "");
  CHECK_THROWS_WITH(open_in_root(scene.fd.get(), "/etc/hosts/x", Missing::create_directory),
                    Catch::Contains("/etc/hosts/x"));
}

TEST_CASE("a sub path is made in the volume with the volume's mode") {
  const Scene scene;
  REQUIRE(::chmod(scene.root.c_str(), 0777) == 0);
  CHECK(place_of(open_beneath(scene.fd.get(), "logs/app")) == scene.root / "logs/app");
  struct stat status;
  REQUIRE(::stat((scene.root / "logs/app").c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0777);
  CHECK(place_of(open_beneath(scene.fd.get(), "logs/app/")) == scene.root / "logs/app");
}

TEST_CASE("a sub path never leads outside of its volume") {
  const Scene scene;
  fs::create_symlink(scene.outer.path() / "secret", scene.root / "absolute");
  fs::create_symlink("../secret", scene.root / "relative");
  fs::create_symlink("etc", scene.root / "inside");
  fs::create_symlink("/proc/self/root", scene.root / "magic");
  fs::create_symlink("../secret/new", scene.root / "dangling");
  for (const char* path : {"absolute/key", "relative/key", "absolute", "relative/new", "..", "etc/../../secret",
                           "magic", "magic/etc", "dangling", "dangling/x"}) {
    CAPTURE(path);
    CHECK_THROWS_AS(open_beneath(scene.fd.get(), path), Error);
  }
  CHECK(place_of(open_beneath(scene.fd.get(), "inside")) == scene.root / "etc");
  CHECK(list_directory(scene.outer / "secret") == std::vector<std::string>{"key"});
}

TEST_CASE("what is missing has its mode from the beginning: a change by name could reach what was put in its place") {
  Scene scene;
  REQUIRE(::chmod(scene.root.c_str(), 01777) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::umask(0077);
    const scmp_filter_ctx filter = ::seccomp_init(SCMP_ACT_ALLOW);
    for (const int call : {SCMP_SYS(chmod), SCMP_SYS(fchmod), SCMP_SYS(fchmodat)})
      ::seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, call, 0);
    if (::seccomp_load(filter) != 0) ::_exit(2);
    open_beneath(scene.fd.get(), "made/deeper");
    open_in_root(scene.fd.get(), "/mount/point", Missing::create_directory);
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  struct stat found {};
  REQUIRE(::stat((scene.root / "made/deeper").c_str(), &found) == 0);
  CHECK((found.st_mode & 07777) == 01777);
  REQUIRE(::stat((scene.root / "mount/point").c_str(), &found) == 0);
  CHECK((found.st_mode & 07777) == 0755);
}
