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

TEST_CASE(
    "what is no regular file is an error at once where one of ours is read, and is read where a person named it") {
  const test::TemporaryDirectory dir;
  REQUIRE(::mkfifo((dir / "fifo").c_str(), 0600) == 0);
  fs::create_symlink("/dev/zero", dir / "endless");
  for (const char* name : {"fifo", "endless", "."}) {
    CHECK_THROWS_AS(read_file(dir / name), Error);
    CHECK_THROWS_AS(read_file_if_exists(dir / name), Error);
  }
  const pid_t writer = ::fork();
  if (writer == 0) {
    write_all(open_file(dir / "fifo", O_WRONLY).get(), "a manifest", "");
    ::_exit(0);
  }
  CHECK(read_to_end(dir / "fifo") == "a manifest");
  CHECK(::waitpid(writer, nullptr, 0) == writer);
}

TEST_CASE("who waits too long for a lock is told who holds it, and what lets a stopped holder go on") {
  const test::TemporaryDirectory dir;
  const fs::path path = dir / "lock";
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const pid_t holder = ::fork();
  if (holder == 0) {
    const unique_fd lock = lock_file(path);
    if (::write(ready[1], "x", 1) != 1) ::_exit(1);
    for (;;) ::pause();
  }
  char byte = 0;
  REQUIRE(::read(ready[0], &byte, 1) == 1);
  const std::string pid = std::to_string(holder);
  CHECK_THROWS_WITH(lock_soon(path, std::chrono::milliseconds(50)), Catch::Contains("process " + pid + " holds it"));
  REQUIRE(::kill(holder, SIGSTOP) == 0);
  REQUIRE(test::wait_until([&] { return is_stopped(holder); }));
  CHECK_THROWS_WITH(lock_soon(path, std::chrono::milliseconds(50)),
                    Catch::Contains("is stopped") && Catch::Contains("kill -CONT " + pid));
  REQUIRE(::kill(holder, SIGKILL) == 0);
  CHECK_NOTHROW(lock_soon(path));
  REQUIRE(::waitpid(holder, nullptr, 0) == holder);
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

namespace {

// A chain of directories with links that lead outside, as a program makes one that goes down step by
// step: its path is far longer than PATH_MAX.
void make_deep_tree(const fs::path& top, const fs::path& outside, int levels) {
  unique_fd here = open_file(top, O_RDONLY | O_DIRECTORY);
  for (int level = 0; level < levels; ++level) {
    if (level % 50 == 0) {
      REQUIRE(::symlinkat(outside.c_str(), here.get(), "to-directory") == 0);
      REQUIRE(::symlinkat((outside / "kept").c_str(), here.get(), "to-file") == 0);
      REQUIRE(::symlinkat("..", here.get(), "up") == 0);
      REQUIRE(::symlinkat(outside.c_str(), here.get(), ".removed-0") == 0);  // the names that it moves to are taken
      REQUIRE(::mkdirat(here.get(), ".removed-1", 0700) == 0);
    }
    REQUIRE(::mkdirat(here.get(), "a directory of a long name", 0700) == 0);
    here.reset(::openat(here.get(), "a directory of a long name", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    REQUIRE(here);
  }
}

// In a process of its own, which may have no more than `descriptors`. Its exit code.
int remove_with_few_descriptors(const fs::path& tree, rlim_t descriptors) {
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit limit{descriptors, descriptors};
    ::setrlimit(RLIMIT_NOFILE, &limit);
    try {
      remove_tree(tree);
      ::_exit(0);
    } catch (const Error& error) {
      ::_exit(error.error_number());
    }
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  return WEXITSTATUS(status);
}

}  // namespace

TEST_CASE("a tree of any depth is removed with few descriptors, and nothing outside of it") {
  const test::TemporaryDirectory dir;
  make_directories(dir / "outside" / "below");
  write_file(dir / "outside" / "kept", "x");
  make_directories(dir / "tree");
  make_deep_tree(dir / "tree", dir / "outside", 5000);
  CHECK(remove_with_few_descriptors(dir / "tree", 64) == 0);
  CHECK_FALSE(fs::exists(dir / "tree"));
  CHECK(read_file(dir / "outside" / "kept") == "x");
  CHECK(fs::is_directory(dir / "outside" / "below"));
}

TEST_CASE("what cannot be removed is an error, and a link instead of a tree is removed itself") {
  const test::TemporaryDirectory dir;
  make_directories(dir / "outside");
  write_file(dir / "outside" / "kept", "x");
  fs::create_directory_symlink(dir / "outside", dir / "link");
  remove_tree(dir / "link");
  CHECK_FALSE(fs::is_symlink(dir / "link"));
  CHECK(read_file(dir / "outside" / "kept") == "x");
  write_file(dir / "file", "x");
  CHECK_THROWS_AS(remove_tree(dir / "file" / "below"), Error);
  remove_tree(dir / "none" / "below");
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
