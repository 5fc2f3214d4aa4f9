#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "core/os/files.hpp"
#include "core/os/pipe.hpp"
#include "pods/linux/child.hpp"
#include "tests/support/servers.hpp"

using namespace tandem;
using namespace tandem::linux_;

TEST_CASE("an error goes through a pipe with all its parts") {
  const Error sent(Fault::input, "mount at", "/data", "it is a file\nof two lines", "mount it elsewhere");
  const Error got = decode_error(encode_error(sent));
  CHECK(std::string(got.what()) == sent.what());
  CHECK(got.fault() == Fault::input);
  CHECK(got.hint() == "mount it elsewhere");
  const Error system = decode_error(encode_error(Error::from_errno("exec", "/bin/foo", ENOENT, "no such program")));
  CHECK(system.error_number() == ENOENT);
  CHECK(system.fault() == Fault::environment);
}

TEST_CASE("garbage instead of an error is said to be one") {
  CHECK(decode_error("").fault() == Fault::bug);
  CHECK(decode_error(std::string("1\0002\0a", 5)).fault() == Fault::bug);
}

TEST_CASE("a child does nothing before its leave, and what it throws comes back") {
  const test::TemporaryDirectory folder;
  Child child(0, -1, [&] {
    write_file(folder / "ran", "");
    throw Error::from_errno("mount overlay", "/somewhere", EINVAL, "look at dmesg");
  });
  CHECK(child.identity().pid == child.pid());
  CHECK_FALSE(fs::exists(folder / "ran"));
  child.release();
  CHECK_THROWS_WITH(child.wait_for_exec(),
                    Catch::Contains("mount overlay /somewhere") && Catch::Contains("look at dmesg"));
  CHECK(fs::exists(folder / "ran"));
}

TEST_CASE("a child killed during its set-up is an error") {
  Child child(0, -1, [] { ::raise(SIGKILL); });
  child.release();
  CHECK_THROWS_WITH(child.wait_for_exec(), Catch::Contains("killed while it was being set up"));
}

TEST_CASE("a child killed before its leave does not take its parent with it") {
  Child child(0, -1, [] {});
  ::kill(child.pid(), SIGKILL);
  siginfo_t info;
  REQUIRE(::waitid(P_PID, static_cast<id_t>(child.pid()), &info, WEXITED | WNOWAIT) == 0);
  child.release();
  CHECK_THROWS_AS(child.wait_for_exec(), Error);
}

TEST_CASE("a child that is not handed over is gone with its scope") {
  pid_t pid = 0;
  {
    Child child(0, -1, [] { ::pause(); });
    child.release();
    pid = child.pid();
  }
  CHECK(::kill(pid, 0) == -1);
}

TEST_CASE("a parent that dies before it has recorded its child takes it with it") {
  const test::TemporaryDirectory folder;
  Pipe told = make_pipe();
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);  // the orphan comes to us
  const pid_t parent = ::fork();
  REQUIRE(parent >= 0);
  if (parent == 0) {
    Child child(0, -1, [&] {
      write_file(folder / "ran", "");
      ::pause();
    });
    const pid_t pid = child.pid();
    write_all(told.write_end.get(), std::string(reinterpret_cast<const char*>(&pid), sizeof pid), "pipe");
    ::raise(SIGKILL);
  }
  int status = 0;
  REQUIRE(::waitpid(parent, &status, 0) == parent);
  pid_t orphan = 0;
  REQUIRE(::read(told.read_end.get(), &orphan, sizeof orphan) == sizeof orphan);
  REQUIRE(::waitpid(orphan, &status, 0) == orphan);
  CHECK(WIFEXITED(status));
  CHECK_FALSE(fs::exists(folder / "ran"));
  ::prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
}
