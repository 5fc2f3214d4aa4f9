#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "core/os/files.hpp"
#include "core/os/pipe.hpp"
#include "pods/supervise/cri_format.hpp"
#include "pods/supervise/lock_owner.hpp"
#include "pods/supervise/log_file.hpp"
#include "pods/supervise/output_copy.hpp"
#include "pods/supervise/output_fifos.hpp"
#include "pods/supervise/stop_signal.hpp"
#include "tests/support/servers.hpp"

using namespace tandem;
using namespace tandem::supervise;
using namespace std::chrono_literals;

namespace {
const std::chrono::system_clock::time_point when{1'700'000'000'000'000'001ns};

TimeBudget enough() { return {1s, 1h}; }

void run_for(EventLoop& loop, std::chrono::milliseconds span) {
  loop.after(span, [&loop] { loop.stop(); });
  loop.run();
}
}  // namespace

TEST_CASE("output becomes CRI lines, parts marked as parts") {
  const std::string stamp = "2023-11-14T22:13:20.000000001Z stdout ";
  CHECK(cri_lines("a\nb", "stdout", when) == stamp + "F a\n" + stamp + "P b\n");
  CHECK(cri_lines("\n", "stdout", when) == stamp + "F \n");
  CHECK(cri_lines("", "stdout", when) == "");
}

TEST_CASE("a log file rotates by size and keeps as many as it may") {
  test::TemporaryDirectory directory;
  LogFile file(directory / "0.log", {100, 3});
  for (int i = 0; i < 20; ++i) REQUIRE(file.append(std::string(60, 'x') + "\n"));
  CHECK(list_directory(directory.path()).size() == 3);
  CHECK(fs::file_size(directory / "0.log") == 61);
}

namespace {
// The tag of the last record of `stream`; ' ' where there is none. Without the product's parser.
char last_tag(const std::string& text, const std::string& stream) {
  const std::size_t at = text.rfind(" " + stream + " ");
  return at == text.npos ? ' ' : text[at + stream.size() + 2];
}
}  // namespace

TEST_CASE("a log is rotated between lines, of each stream, however reads cut them, and by names that count up") {
  test::TemporaryDirectory directory;
  LogFile file(directory / "0.log", {300, 100});
  for (int i = 0; i < 30; ++i)
    for (const char* bytes : {"li", "ne\n"}) {
      REQUIRE(file.append(cri_lines(bytes, "stdout", when)));
      REQUIRE(file.append(cri_lines(bytes, "stderr", when)));
    }
  const auto names = list_directory(directory.path());  // sorted
  REQUIRE(names.size() > 5);
  for (std::size_t i = 1; i < names.size(); ++i) {
    const std::string text = read_file(directory / names[i]);
    INFO(names[i] << "\n" << text);
    CHECK(last_tag(text, "stdout") == 'F');
    CHECK(last_tag(text, "stderr") == 'F');
    CHECK(std::stoul(names[i].substr(names[i].size() - 6)) == i);
  }
}

TEST_CASE("a line without an end is rotated at twice the limit, also by a supervisor that did not see it begin") {
  test::TemporaryDirectory directory;
  for (int i = 0; i < 40; ++i) {
    LogFile file(directory / "0.log", {100, 100});
    REQUIRE(file.append(cri_lines("part", "stdout", when)));
  }
  const auto names = list_directory(directory.path());
  CHECK(names.size() > 5);
  for (const auto& name : names) {
    CHECK(fs::file_size(directory / name) <= 200);
    if (name != "0.log") CHECK(fs::file_size(directory / name) > 100);
  }
}

TEST_CASE("a log file on a full disk keeps whole records and goes on when there is room") {
  LogFile full("/dev/full");
  CHECK_FALSE(full.append("x\n"));
}

TEST_CASE("old attempts' logs go, the last one before stays") {
  test::TemporaryDirectory directory;
  for (const char* name : {"0.log", "1.log", "1.log.20260101-000000", "2.log", "10.log"})
    write_file(directory / name, "");
  remove_old_logs(directory.path(), 3);
  CHECK(list_directory(directory.path()) == std::vector<std::string>{"10.log", "2.log"});
}

TEST_CASE(
    "what is written to the FIFO comes to the log, and what was not consumed is still there for the next reader") {
  test::TemporaryDirectory directory;
  make_fifos(directory.path());
  make_fifos(directory.path());
  EventLoop loop;
  TimeBudget budget = enough();
  const unique_fd child = open_file(directory / "stdout", O_RDWR);
  {
    OutputCopy copy(loop, directory.path(), "stdout", std::make_shared<LogFile>(directory / "0.log"), budget);
    write_all(child.get(), "one\ntwo\n", "the FIFO");
    run_for(loop, 50ms);
  }
  write_all(child.get(), "three\n", "the FIFO");  // nobody reads now
  EventLoop next;
  OutputCopy copy(next, directory.path(), "stdout", std::make_shared<LogFile>(directory / "0.log"), budget);
  run_for(next, 50ms);
  const std::string text = read_file(directory / "0.log");
  CHECK(text.find("stdout F one\n") != text.npos);
  CHECK(text.find("stdout F two\n") != text.npos);
  CHECK(text.find("stdout F three\n") != text.npos);
  CHECK(std::count(text.begin(), text.end(), '\n') == 3);
}

TEST_CASE("a FIFO is wanted as large as a pipe may be, but for a 64th of what a user's pipes may have together") {
  CHECK(wanted_fifo_bytes(1 << 20, 16384) == 1 << 20);
  CHECK(wanted_fifo_bytes(1 << 20, 0) == 1 << 20);
  CHECK(wanted_fifo_bytes(16 << 20, 16384) == 256 * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)));
  CHECK(wanted_fifo_bytes(1 << 20, 10) == 0);
}

TEST_CASE("a FIFO that a container wrote full while nobody read comes to the log whole when the container has ended") {
  test::TemporaryDirectory directory;
  make_fifos(directory.path());
  const unique_fd child = open_file(directory / "stdout", O_RDWR | O_NONBLOCK);
  EventLoop loop;
  TimeBudget budget = enough();
  OutputCopy copy(loop, directory.path(), "stdout", std::make_shared<LogFile>(directory / "0.log"), budget);
  const Pipe ours = make_pipe();
  widen_fifo(ours.write_end.get());
  CHECK(::fcntl(child.get(), F_GETPIPE_SZ) == ::fcntl(ours.write_end.get(), F_GETPIPE_SZ));
  int written = 0;
  const std::string line(99, 'x');
  while (::write(child.get(), (line + "\n").data(), 100) == 100) ++written;
  CHECK(written * 100 > ::fcntl(child.get(), F_GETPIPE_SZ) * 9 / 10);
  copy.drain();
  const std::string text = read_file(directory / "0.log");
  CHECK(std::count(text.begin(), text.end(), '\n') >= written);
  std::size_t bytes = 0;
  for (const char c : text) bytes += c == 'x';
  CHECK(bytes == static_cast<std::size_t>(written) * 99);
}

TEST_CASE("while the log cannot be written, nothing is taken from the FIFO") {
  test::TemporaryDirectory directory;
  make_fifos(directory.path());
  const unique_fd child = open_file(directory / "stdout", O_RDWR);
  EventLoop loop;
  TimeBudget budget = enough();
  {
    OutputCopy copy(loop, directory.path(), "stdout", std::make_shared<LogFile>("/dev/full"), budget);
    write_all(child.get(), "kept\n", "the FIFO");
    run_for(loop, 50ms);
  }
  char bytes[16];
  CHECK(::read(child.get(), bytes, sizeof bytes) == 5);
}

TEST_CASE("a budget is what is spent in a window, and the next window has it again") {
  const TimeBudget::Clock::time_point start{1h};
  TimeBudget budget(100ms, 20ms);
  CHECK(budget.is_left(start));
  budget.spend(19ms);
  CHECK(budget.is_left(start + 30ms));
  budget.spend(50ms);
  CHECK_FALSE(budget.is_left(start + 99ms));
  CHECK(budget.next_window() == start + 100ms);
  CHECK(budget.is_left(start + 100ms));
  budget.spend(20ms);
  CHECK_FALSE(budget.is_left(start + 199ms));
}

TEST_CASE("while the budget is spent the bytes stay in the FIFO, and those who waited come before who talks on") {
  test::TemporaryDirectory directory;
  EventLoop loop;
  TimeBudget budget(50ms, 1us);  // one read in each window
  std::vector<unique_fd> children;
  std::vector<std::unique_ptr<OutputCopy>> copies;
  const auto log = [&](int i) { return directory / std::to_string(i) / "0.log"; };
  for (int i = 0; i < 4; ++i) {
    make_directories(directory / std::to_string(i), 0700);
    make_fifos(directory / std::to_string(i));
    children.push_back(open_file(directory / std::to_string(i) / "stdout", O_RDWR | O_NONBLOCK));
    copies.push_back(std::make_unique<OutputCopy>(loop, directory / std::to_string(i), "stdout",
                                                  std::make_shared<LogFile>(log(i)), budget));
  }
  const std::string line = std::string(99, 'x') + "\n";
  const auto fill = [&](int i) {
    while (::write(children[static_cast<std::size_t>(i)].get(), line.data(), line.size()) == 100) {
    }
  };
  const auto all_heard = [&] {
    for (int i = 0; i < 4; ++i)
      if (!fs::exists(log(i))) return false;
    return true;
  };
  for (int i = 0; i < 4; ++i) fill(i);
  int windows = 0;
  const std::function<void()> next_window = [&] {
    fill(0);  // it never has enough
    if (all_heard() || ++windows == 100) return loop.stop();
    loop.after(50ms, next_window);
  };
  next_window();
  loop.run();
  CHECK(windows >= 3);
  CHECK(windows <= 20);
  CHECK(read_file(log(0)).size() < 10 * read_file(log(3)).size());
}

TEST_CASE("only process 1 without a handler ignores its stop signal") {
  const auto status = [](const char* pids, const char* blocked, const char* caught) {
    return std::string("Name:\tx\nNSpid:\t") + pids + "\nSigBlk:\t" + blocked +
           "\nSigIgn:\t0000000000000000\nSigCgt:\t" + caught + "\n";
  };
  const char *none = "0000000000000000", *term = "0000000000004000", *last = "8000000000000000";
  CHECK(ignores_as_first_process(status("4711\t1", none, none), SIGTERM));
  CHECK_FALSE(ignores_as_first_process(status("4711\t1", none, term), SIGTERM));
  CHECK_FALSE(ignores_as_first_process(status("4711\t1", term, none), SIGTERM));  // sigwait(3), signalfd(2)
  CHECK_FALSE(ignores_as_first_process(status("4711\t12", none, none), SIGTERM));
  CHECK(ignores_as_first_process(status("4711\t1", none, term), SIGQUIT));
  CHECK_FALSE(ignores_as_first_process(status("4711\t1", none, last), SIGRTMAX));
  CHECK_FALSE(ignores_as_first_process("", SIGTERM));
}

TEST_CASE("stop signals by name, number and offset") {
  CHECK(signal_number("SIGQUIT") == SIGQUIT);
  CHECK(signal_number("QUIT") == SIGQUIT);
  CHECK(signal_number("3") == 3);
  CHECK(signal_number("SIGRTMIN+3") == SIGRTMIN + 3);
  CHECK(signal_number("SIGWHATEVER") == SIGTERM);
  CHECK(signal_number("") == SIGTERM);
  CHECK(signal_number("99999") == SIGTERM);
}

TEST_CASE("a lock's owner is who wrote it there, not another process that has his number by now") {
  const test::TemporaryDirectory folder;
  const auto lock = try_lock_file(folder / "lock");
  REQUIRE(lock);
  write_lock_owner(lock->get());
  CHECK(read_lock_owner(folder / "lock") == ::getpid());
  write_file(folder / "lock", std::to_string(::getpid()) + " 1\n");
  CHECK(read_lock_owner(folder / "lock") == 0);
  write_file(folder / "lock", "");
  CHECK(read_lock_owner(folder / "lock") == 0);
}
