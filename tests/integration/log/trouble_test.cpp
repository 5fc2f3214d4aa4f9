// What goes wrong around it: receivers, disks, permissions.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "core/os/files.hpp"
#include "tests/support/log/fixture.hpp"
#include "tests/support/skip.hpp"

using namespace tandem;
using namespace tandem::test;
using namespace std::chrono_literals;

TEST_CASE("a receiver that fails in every way gets every line once, as long as it remembers keys") {
  Receiver receiver;
  receiver.set_answer([](int request) {
    switch (request % 7) {
      case 1:
        return test::Answer::unavailable;
      case 3:
        return test::Answer::close_unread;
      case 5:
        return test::Answer::close_unanswered;
      default:
        return request == 14 ? test::Answer::too_many : test::Answer::none;
    }
  });
  LogRun run("- {name: out, type: http, url: \"" + receiver.url() + "\", batch: {maxBytes: 16Ki}}");
  run.start();
  Writer writer(run.logs() / "app.log");
  writer.write(5000);
  CHECK(wait_until([&] { return receiver.count() >= 5000; }));
  CHECK(run.terminate().code == 0);
  CHECK(compare(receiver.messages(), 5000) == "");
  CHECK(receiver.repeated_keys() > 0);
  CHECK(run.directory() != "");
}

TEST_CASE("refused records are kept in the dead-letter file with the reason, and the rest goes on") {
  Receiver receiver;
  receiver.set_answer([](int request) { return request == 0 ? test::Answer::refused : test::Answer::none; });
  LogRun run("- {name: out, type: http, url: \"" + receiver.url() + "\"}");
  run.start();
  Writer writer(run.logs() / "app.log");
  writer.write(1);
  REQUIRE(wait_until([&] { return receiver.requests() == 1; }));
  writer.write(1);
  REQUIRE(wait_until([&] { return receiver.count() == 1; }));
  CHECK(run.metric("tandem_log_records_total{sink=\"out\",result=\"rejected\"}") == 1);
  CHECK(run.terminate().code == 0);
  const auto letter = nlohmann::json::parse(read_file(run.directory() / "state/out.rejected.ndjson"));
  CHECK(letter["reason"] == "HTTP 400: no thanks");
  CHECK(letter["record"]["message"] == line_of(0));
  CHECK(receiver.messages() == std::map<std::string, int>{{line_of(1), 1}});
}

TEST_CASE("with the disk of the positions full nothing is sent that could come twice, and nothing is lost") {
  if (!is_root()) return skip("needs root: mounts");
  Receiver receiver;
  LogRun run("- {name: out, type: http, url: \"" + receiver.url() + "\"}");
  make_directories(run.directory() / "state", 0700);
  REQUIRE(::unshare(CLONE_NEWNS) == 0);
  REQUIRE(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0);
  REQUIRE(::mount("tmpfs", (run.directory() / "state").c_str(), "tmpfs", 0, "size=64k") == 0);
  run.start();
  Writer writer(run.logs() / "app.log");
  writer.write(100);
  REQUIRE(wait_until([&] { return receiver.count() == 100; }));
  const auto filler = run.directory() / "state/filler";
  {
    const unique_fd file = open_file(filler, O_WRONLY | O_CREAT);
    const std::string block(512, 'x');
    while (::write(file.get(), block.data(), block.size()) > 0) continue;
  }
  for (int i = 0; i < 200 && run.ask("/readyz").find("positions") == std::string::npos; ++i) {
    writer.write(20);
    ::usleep(10'000);
  }
  CHECK(run.ask("/readyz").find("the positions cannot be written") != std::string::npos);
  CHECK(run.ask("/readyz").find("No space left on device") != std::string::npos);
  writer.write(1000);
  fs::remove(filler);
  CHECK(wait_until([&] { return receiver.count() >= static_cast<std::size_t>(writer.written()); }));
  CHECK(wait_until([&] { return run.ask("/readyz") == "ok\n" || run.ask("/readyz") == "ok"; }));
  CHECK(run.terminate().code == 0);
  CHECK(compare(receiver.messages(), writer.written()) == "");
  ::umount((run.directory() / "state").c_str());
}

TEST_CASE("a file that may not be read for a while is shipped when it may be again") {
  if (!is_root()) return skip("needs root: another user's processes");
  Receiver receiver;
  LogRun run("- {name: out, type: http, url: \"" + receiver.url() + "\"}");
  fs::permissions(run.directory(), fs::perms::all);
  make_directories(run.directory() / "state");
  fs::permissions(run.directory() / "state", fs::perms::all);
  const std::vector<std::string> as_nobody = {find_program("setpriv"), "--reuid=65534", "--regid=65534",
                                              "--clear-groups"};
  Writer writer(run.logs() / "app.log");
  writer.write(10);
  run.start(as_nobody);
  REQUIRE(wait_until([&] { return receiver.count() == 10; }));
  run.kill();
  ::chmod(writer.path().c_str(), 0);
  writer.write(10);
  run.start(as_nobody);
  CHECK(wait_until([&] { return run.ask("/readyz").find("Permission denied") != std::string::npos; }));
  ::chmod(writer.path().c_str(), 0644);
  CHECK(wait_until([&] { return receiver.count() == 20; }));
  CHECK(run.terminate().code == 0);
  CHECK(compare(receiver.messages(), 20) == "");
}

TEST_CASE("damaged positions are kept aside, said, and everything is shipped again rather than nothing") {
  Receiver receiver;
  LogRun run("- {name: out, type: file, path: DIR/shipped, format: raw}");
  run.start();
  Writer writer(run.logs() / "app.log");
  writer.write(10);
  CHECK(run.terminate().code == 0);
  write_file(run.directory() / "state/out.positions", "tandem-log positions 1 x\ngarbage");
  run.start();
  CHECK(run.terminate().code == 0);
  CHECK(fs::exists(run.directory() / "state/out.positions.bad"));
  CHECK(read_file(run.output()).find("kept as") != std::string::npos);
  const auto shipped = read_file(run.directory() / "shipped");
  CHECK(std::count(shipped.begin(), shipped.end(), '\n') == 20);
}

TEST_CASE("a second tandem-log on the same state is refused") {
  LogRun run("- {name: out, type: stdout}");
  run.start();
  Child second({TANDEM_BINARY_DIR "/bin/tandem-log", "--config", (run.directory() / "config.yaml").string()},
               run.directory() / "second", {{"TANDEM_LOG_ADMIN_LISTEN", "127.0.0.1:0"}});
  CHECK(second.wait().code == 69);
  CHECK(read_file(run.directory() / "second").find("another tandem-log uses them") != std::string::npos);
}
