// The disk of the spool is full: senders wait until the sinks have made room, and it is said.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <thread>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "tests/integration/log-sources/run.hpp"
#include "tests/support/skip.hpp"

using namespace tandem;
using namespace tandem::test;
using namespace std::chrono_literals;

namespace {

constexpr int many_lines = 60;

// Its state is on a disk of 2 MiB; the sink takes nothing until it is let.
struct SmallDisk {
  SmallDisk() {
    receiver.set_answer([this](int) { return open ? Answer::none : Answer::unavailable; });
    make_directories(state(), 0700);
    if (::unshare(CLONE_NEWNS) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", state().c_str(), "tmpfs", 0, "size=2M") != 0)
      throw Error(Fault::environment, "mount", "a small disk", "it cannot be");
    run.start();
    const int port = run.port();
    std::signal(SIGPIPE, SIG_IGN);
    sender = std::thread([port] {
      const unique_fd connection = connect_stream(port);
      try {
        for (int i = 0; i < many_lines; ++i)
          write_all(connection.get(), std::to_string(i) + " " + std::string(50'000, 'x') + "\n", "a socket");
      } catch (const Error&) {  // it has ended
      }
    });
  }
  ~SmallDisk() {
    if (run.running()) run.kill();
    if (sender.joinable()) sender.join();
    ::umount2(state().c_str(), MNT_DETACH);
  }
  fs::path state() const { return run.directory() / "state"; }
  bool is_full() const { return run.ask("/readyz").find("the spool of in cannot be written") != std::string::npos; }

  std::atomic<bool> open{false};
  Receiver receiver;
  SourcesRun run{"sources: [{name: in, type: socket, listen: {tcp: \"127.0.0.1:PORT\"}}]\nsinks:\n" +
                 http_sink("out", receiver)};
  std::thread sender;
};

}  // namespace

TEST_CASE("senders wait while the spool's disk is full, and everything arrives once when the sink takes it") {
  if (!is_root()) return skip("needs root: mounts");
  SmallDisk disk;
  REQUIRE(wait_until([&] { return disk.is_full(); }));
  CHECK(wait_until([&] {
    return disk.run.output().find("a source takes nothing more for now, its senders wait") != std::string::npos;
  }));
  CHECK(disk.run.metric("tandem_log_spool_full_total{source=\"in\"}") >= 1);
  disk.open = true;
  CHECK(wait_until([&] { return disk.receiver.count() == many_lines; }));
  CHECK(wait_until([&] { return disk.run.ask("/readyz").starts_with("ok"); }));
  CHECK(disk.receiver.messages().size() == many_lines);
  CHECK(disk.run.output().find("a source takes what its senders have again") != std::string::npos);
  CHECK(disk.run.terminate().code == 0);
}

TEST_CASE("SIGTERM with the spool's disk full ships what was taken, and what had no room in the spool yet too") {
  if (!is_root()) return skip("needs root: mounts");
  SmallDisk disk;
  REQUIRE(wait_until([&] { return disk.is_full(); }));
  disk.open = true;
  const auto begin = std::chrono::steady_clock::now();
  CHECK(disk.run.terminate().code == 0);
  CHECK(std::chrono::steady_clock::now() - begin < 15s);  // shutdown.deadline is 24 s
  CHECK(disk.receiver.count() > 30);
  CHECK(disk.run.output().find("is lost") == std::string::npos);
}

TEST_CASE("with not a byte free on the disk of its state it starts, and goes on when there is room") {
  if (!is_root()) return skip("needs root: mounts");
  SmallDisk disk;
  REQUIRE(wait_until([&] { return disk.is_full(); }));
  disk.run.kill();
  disk.sender.join();
  // As one that was killed in the middle of a line leaves it, at the end of a page.
  const auto last = disk.run.spool() / list_directory(disk.run.spool()).back();
  const auto filler = disk.state() / "filler";
  {
    const unique_fd spool = open_file(last, O_WRONLY | O_APPEND), rest = open_file(filler, O_WRONLY | O_CREAT);
    const std::string end_of_page(4096 - fs::file_size(last) % 4096, 'y'), block(512, 'x');
    CHECK(::write(spool.get(), end_of_page.data(), end_of_page.size()) > 0);
    while (::write(rest.get(), block.data(), block.size()) > 0) continue;
  }
  const auto size = fs::file_size(last);
  disk.run.start();
  REQUIRE(disk.run.running());
  CHECK(fs::file_size(last) == size);
  CHECK(read_file(last).ends_with("y\n"));
  disk.open = true;
  fs::remove(filler);
  CHECK(wait_until([&] { return disk.receiver.count() > 30; }));
  CHECK(wait_until([&] { return disk.run.ask("/readyz").starts_with("ok"); }));
  CHECK(disk.run.terminate().code == 0);
}
