#include "core/os/files.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "core/os/check.hpp"
#include "tests/support/servers.hpp"

using namespace tandem;

TEST_CASE("a replaced file has the new content and exactly the mode asked for, and leaves no temporary file") {
  const test::TemporaryDirectory dir;
  const mode_t before = ::umask(077);
  replace_file(dir / "f", "one", 0644);
  replace_file(dir / "f", "two", 0644, true);
  ::umask(before);
  CHECK(read_file(dir / "f") == "two");
  struct stat status {};
  REQUIRE(::stat((dir / "f").c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0644);
  CHECK(list_directory(dir.path()) == std::vector<std::string>{"f"});
}

TEST_CASE("what a killed process of the same pid left does not stand in the way of its successor") {
  const test::TemporaryDirectory dir;
  for (int kill = 0; kill < 3; ++kill) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::signal(SIGXFSZ, SIG_DFL);  // dies while it writes: the temporary file stays
      const rlimit none{0, 0};
      ::setrlimit(RLIMIT_FSIZE, &none);
      replace_file(dir / "f", "half");
      ::_exit(0);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
  }
  CHECK(list_directory(dir.path()).size() == 3);
  replace_file(dir / "f", "whole");
  CHECK(read_file(dir / "f") == "whole");
}

TEST_CASE("a file that cannot be replaced is left as it was, and the error names it") {
  const test::TemporaryDirectory dir;
  fs::create_directory(dir / "taken");
  write_file(dir / "taken" / "child", "x");
  try {
    replace_file(dir / "taken", "bytes");
    FAIL("a directory was replaced");
  } catch (const Error& error) {
    CHECK(error.object() == (dir / "taken").string());
    CHECK(error.fault() == Fault::environment);
  }
  CHECK(list_directory(dir.path()) == std::vector<std::string>{"taken"});
}

TEST_CASE("files whose size the kernel does not tell are read whole") {
  CHECK(read_file("/proc/self/status").find("Name:") == 0);
}

TEST_CASE("a file past the limit is an error, not a cut text") {
  const test::TemporaryDirectory dir;
  write_file(dir / "big", std::string(5000, 'x'));
  CHECK_THROWS_AS(read_file(dir / "big", 4999), Error);
  CHECK(read_file(dir / "big", 5001).size() == 5000);
}

TEST_CASE("an absent file reads as nothing, an unreadable one as an error") {
  const test::TemporaryDirectory dir;
  CHECK_FALSE(read_file_if_exists(dir / "none"));
  CHECK_FALSE(read_file_if_exists(dir / "none" / "below"));
  CHECK_THROWS_AS(read_file_if_exists(dir.path()), Error);
}

TEST_CASE("a lock is seen while it is held and gone with its holder, even one that was killed") {
  const test::TemporaryDirectory dir;
  const fs::path path = dir / "lock";
  CHECK_FALSE(is_locked(path));
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const unique_fd lock = lock_file(path);
    if (::write(ready[1], "x", 1) == 1) ::pause();
    ::_exit(1);
  }
  char byte;
  REQUIRE(::read(ready[0], &byte, 1) == 1);
  CHECK(is_locked(path));
  CHECK_FALSE(try_lock_file(path));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  CHECK_FALSE(is_locked(path));
  CHECK(try_lock_file(path).has_value());
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_CASE("removing a tree does not follow a symbolic link out of it") {
  const test::TemporaryDirectory dir;
  make_directories(dir / "outside");
  write_file(dir / "outside" / "kept", "x");
  make_directories(dir / "tree" / "deep");
  fs::create_directory_symlink(dir / "outside", dir / "tree" / "deep" / "link");
  remove_tree(dir / "tree");
  remove_tree(dir / "tree");
  CHECK_FALSE(fs::exists(dir / "tree"));
  CHECK(read_file(dir / "outside" / "kept") == "x");
}

TEST_CASE("a directory where a file stands is an error that names the path") {
  const test::TemporaryDirectory dir;
  write_file(dir / "file", "x");
  CHECK_THROWS_WITH(make_directories(dir / "file"), Catch::Contains("File exists"));
  CHECK_THROWS_WITH(make_directories(dir / "file" / "below"), Catch::Contains("Not a directory"));
}

TEST_CASE("subdirectories are directories, not links to them") {
  const test::TemporaryDirectory dir;
  fs::create_directory(dir / "b");
  fs::create_directory(dir / "a");
  write_file(dir / "file", "");
  fs::create_directory_symlink(dir / "a", dir / "link");
  CHECK(list_subdirectories(dir.path()) == std::vector<std::string>{"a", "b"});
  CHECK(list_subdirectories(dir / "absent").empty());
}
