#include "core/os/process.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "core/os/error.hpp"
#include "tests/support/servers.hpp"

using namespace tandem;

TEST_CASE("a process is known by pid, start time and boot, so that a reused pid is somebody else") {
  const auto self = identify(::getpid());
  REQUIRE(self);
  CHECK(self->start_time > 0);
  CHECK(self->boot_id.size() == 36);
  CHECK(open_pidfd(*self).has_value());
  ProcessId other = *self;
  other.start_time -= 1;
  CHECK_FALSE(open_pidfd(other));
  other = *self;
  other.boot_id[0] = other.boot_id[0] == 'a' ? 'b' : 'a';
  CHECK_FALSE(open_pidfd(other));
}

TEST_CASE("a clone's end is reaped once, with its code or its signal") {
  Cloned exits = clone_process(0);
  if (exits.pid == 0) ::_exit(7);
  std::optional<ExitStatus> status;
  REQUIRE(test::wait_until([&] { return (status = reap(exits.pidfd.get())).has_value(); }));
  CHECK(*status == ExitStatus{7, 0, false});
  CHECK(status->shell_code() == 7);
  CHECK_FALSE(reap(exits.pidfd.get()));

  Cloned killed = clone_process(0);
  if (killed.pid == 0) {
    ::pause();
    ::_exit(0);
  }
  CHECK_FALSE(reap(killed.pidfd.get()));
  CHECK(send_signal(killed.pidfd.get(), SIGKILL));
  REQUIRE(test::wait_until([&] { return (status = reap(killed.pidfd.get())).has_value(); }));
  CHECK(status->signal == SIGKILL);
  CHECK(status->shell_code() == 137);
  CHECK(to_string(*status) == "signal 9 (Killed)");
  CHECK_FALSE(send_signal(killed.pidfd.get(), SIGTERM));
}

TEST_CASE("a command gets its input and hands back both streams and its code") {
  const auto result = run_command({"sh", "-c", "cat; echo oops >&2; exit 3"}, "hello");
  CHECK(result.output == "hello");
  CHECK(result.errors == "oops\n");
  CHECK(result.status.code == 3);
}

TEST_CASE("a command that ignores a large input does not kill us, nor is a large output cut in half by a full pipe") {
  CHECK(run_command({"true"}, std::string(1 << 20, 'x')).status.code == 0);
  CHECK(run_command({"cat"}, std::string(1 << 20, 'y')).output.size() == 1 << 20);
  CHECK(run_command({"cat"}, std::string(1 << 20, 'y'), std::chrono::seconds(20), 100000).output.size() < 200000);
}

TEST_CASE("a command that hangs is killed at its time limit, also when it has closed its streams") {
  CHECK_THROWS_WITH(run_command({"sleep", "60"}, "", std::chrono::milliseconds(100)), Catch::Contains("not finished"));
  CHECK(run_command({"sh", "-c", "exec >&- 2>&- <&-; sleep 60"}, "", std::chrono::milliseconds(100)).status.signal ==
        SIGKILL);
}

TEST_CASE("a command that is not there is an error that names it") {
  CHECK_THROWS_WITH(run_command({"tandem-no-such-program"}), Catch::Contains("tandem-no-such-program"));
}
