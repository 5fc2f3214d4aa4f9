#include "pods/client/follow_log.hpp"

#include <catch2/catch.hpp>
#include <optional>

#include "core/os/files.hpp"
#include "tests/support/servers.hpp"

using namespace tandem;
using namespace tandem::test;

namespace {

std::string followed_record(const std::string& stream, char tag, const std::string& text) {
  return "2026-11-22T10:00:00.000000001Z " + stream + " " + tag + " " + text + "\n";
}

// A container's log directory, written by hand.
class WrittenLog {
 public:
  WrittenLog() {
    state::Roots roots;
    roots.run = folder_ / "run";
    roots.lib = folder_ / "lib";
    paths_.emplace(roots, "a");
    make_directories(log().parent_path(), 0700);
  }
  fs::path log() const { return paths_->log("c", 0); }
  fs::path rotated(int number) const { return log().string() + ".20261122-100000-00000" + std::to_string(number); }
  void rotate(int number) const { fs::rename(log(), rotated(number)); }
  void line(const std::string& text) const { write_file(log(), followed_record("stdout", 'F', text)); }
  client::LogReader reader() const { return {*paths_, "c", 0, {}}; }

 private:
  TemporaryDirectory folder_;
  std::optional<state::PodPaths> paths_;
};

std::string read_all(client::LogReader& reader, std::string& loss) {
  std::string out;
  while (reader.read_more(out)) loss += reader.take_loss();
  return out;
}

}  // namespace

TEST_CASE("a slow reader gets every file that was rotated meanwhile, in order, and hears of no loss") {
  const WrittenLog written;
  auto reader = written.reader();
  std::string loss;
  written.line("1");
  CHECK(read_all(reader, loss) == "1\n");
  for (int number = 1; number <= 3; ++number) {
    written.rotate(number);
    written.line(std::to_string(number + 1));
  }
  CHECK(read_all(reader, loss) == "2\n3\n4\n");
  CHECK(loss == "");
}

TEST_CASE("files that rotation removed are told with their number, and no part is joined across the gap") {
  const WrittenLog written;
  auto reader = written.reader();
  std::string loss;
  write_file(written.log(), followed_record("stdout", 'P', "half"));
  CHECK(read_all(reader, loss) == "half");
  for (int number = 1; number <= 4; ++number) {
    written.rotate(number);
    written.line(std::to_string(number + 1));
  }
  for (int number = 1; number <= 3; ++number) fs::remove(written.rotated(number));
  CHECK(read_all(reader, loss) == "\n4\n5\n");
  CHECK(loss.find(" 2 files, about 20 MiB") != loss.npos);
}

TEST_CASE("a reader that begins in the middle of a line leaves its rest out, of that stream only") {
  const WrittenLog written;
  write_file(written.log(), followed_record("stdout", 'P', "lost") + followed_record("stderr", 'F', "before"));
  written.rotate(1);
  write_file(written.log(), followed_record("stderr", 'F', "error") + followed_record("stdout", 'P', "rest") +
                                followed_record("stdout", 'F', "end") + followed_record("stdout", 'F', "whole"));
  auto reader = written.reader();
  std::string loss;
  CHECK(read_all(reader, loss) == "error\nwhole\n");
  CHECK(loss == "");
}
