// Single cases that the property test would meet seldom.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <sstream>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "sidecars/log/tailer.hpp"
#include "tests/support/servers.hpp"

using namespace tandem;
using namespace tandem::shipper;

namespace {

class Bench {
 public:
  explicit Bench(const std::string& pattern = "*.log*") {
    make_directories(directory_ / "logs");
    options.sources.push_back({"app", {Glob((directory_ / "logs").string() + "/" + pattern)}, {}});
    options.encoder = make_line_encoder(Format::raw, {});
    start();
  }
  void start() {
    tailer.reset();
    store_.reset();
    store_ = std::make_unique<PositionStore>(directory_ / "state", "out", false);
    std::vector<std::string> complaints;
    auto positions = store_->load(complaints);
    CHECK(complaints.empty());
    tailer = std::make_unique<Tailer>(options, *store_, std::move(positions));
  }
  fs::path log(const std::string& name) const { return directory_.path() / "logs" / name; }
  void append(const std::string& name, const std::string& text) {
    const unique_fd file = open_file(log(name), O_WRONLY | O_APPEND | O_CREAT, 0644);
    write_all(file.get(), text, name);
  }
  // Everything that can be had now, acknowledged; lines joined by |.
  std::string ship(int seconds = 1) {
    now += std::chrono::seconds(seconds);
    std::string all;
    for (int round = 0; round < 3; ++round) {
      tailer->scan(now, ::time(nullptr));
      for (; tailer->is_unpacking(); ++slices) tailer->unpack_some(now);
      if (tailer->wants_scan()) tailer->scan(now, ::time(nullptr));
      tailer->touch_all();
      while (auto batch = tailer->next(now, 0)) {
        all += std::string(batch->body.view());
        tailer->acknowledge(*batch);
      }
    }
    std::replace(all.begin(), all.end(), '\n', '|');
    return all;
  }

  TailerOptions options;
  std::unique_ptr<Tailer> tailer;
  Time now{std::chrono::seconds(1000)};
  int slices = 0;  // in which large compressed files were unpacked

 private:
  test::TemporaryDirectory directory_;
  std::unique_ptr<PositionStore> store_;
};

class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { lift(); }
  void lift() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

// What logrotate's `compress` does.
void gzip(const fs::path& path) {
  const std::string bytes = read_file(path);
  const gzFile file = ::gzopen((path.string() + ".gz").c_str(), "wb");
  ::gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
  ::gzclose(file);
  fs::remove(path);
}

void zstd(const fs::path& path) {
  const std::string bytes = read_file(path);
  std::string packed(::ZSTD_compressBound(bytes.size()), '\0');
  packed.resize(::ZSTD_compress(packed.data(), packed.size(), bytes.data(), bytes.size(), 3));
  write_file(path.string() + ".zst", packed);
  fs::remove(path);
}

std::string long_lines(int from, int count) {
  std::string text;
  for (int i = from; i < from + count; ++i) text += "line " + std::to_string(i) + std::string(90, '.') + "\n";
  return text;
}

}  // namespace

TEST_CASE("two programs that begin with the same line are two programs") {
  Bench bench;
  bench.append("a.log", "Starting\n");
  CHECK(bench.ship() == "Starting|");
  bench.append("b.log", "Starting\n");
  CHECK(bench.ship() == "Starting|");
  bench.append("b.log", "b\n");
  bench.append("a.log", "a\n");
  CHECK(bench.ship() == "a|b|");
  CHECK(bench.tailer->counts().ambiguous == 1);
}

TEST_CASE("a file named after another that begins with the same line waits to be known as a copy or as its own") {
  Bench bench;
  bench.append("a.log", "Starting\n");
  CHECK(bench.ship() == "Starting|");
  bench.append("a.log.1", "Starting\n");
  CHECK(bench.ship() == "");
  CHECK(bench.ship(20) == "Starting|");
  CHECK(bench.tailer->counts().ambiguous == 1);
}

TEST_CASE("a small copy is known by its name when its original is truncated") {
  Bench bench;
  bench.append("a.log", "Starting\n");
  CHECK(bench.ship() == "Starting|");
  bench.append("a.log", "unread\n");
  fs::copy_file(bench.log("a.log"), bench.log("a.log.1"));
  fs::resize_file(bench.log("a.log"), 0);
  bench.append("a.log", "next\n");
  CHECK(bench.ship() == "next|unread|");
  CHECK(bench.tailer->counts().ambiguous == 0);
  CHECK(bench.tailer->counts().lost_bytes == 0);
}

TEST_CASE("of two copies of one file nothing is shipped twice") {
  Bench bench;
  bench.append("a.log", long_lines(0, 20));
  bench.ship();
  bench.append("a.log", "unread\n");
  fs::copy_file(bench.log("a.log"), bench.log("a.log.1"));
  fs::copy_file(bench.log("a.log"), bench.log("a.log.bak"));
  fs::resize_file(bench.log("a.log"), 0);
  CHECK(bench.ship() == "unread|");
  CHECK(bench.ship(100) == "");
}

TEST_CASE("a file that is cut back in its middle is not shipped again from its start") {
  Bench bench;
  bench.append("a.log", long_lines(0, 20));
  bench.ship();
  bench.append("a.log", long_lines(20, 50));
  bench.ship();
  fs::resize_file(bench.log("a.log"), long_lines(0, 20).size());
  bench.append("a.log", "after\n");
  CHECK(bench.ship() == "after|");
}

TEST_CASE("after a rotation by rename the same first line is shipped at once") {
  Bench bench;
  bench.append("a.log", "Starting\nmore\n");
  CHECK(bench.ship() == "Starting|more|");
  fs::rename(bench.log("a.log"), bench.log("a.log.1"));
  bench.append("a.log", "Starting\n");
  CHECK(bench.ship() == "Starting|");
}

TEST_CASE("a copy of a large file is never shipped, and its own lines are when it gets some") {
  Bench bench;
  bench.append("a.log", long_lines(0, 50));
  bench.ship();
  fs::copy_file(bench.log("a.log"), bench.log("a.log.bak"));
  CHECK(bench.ship() == "");
  CHECK(bench.ship(100) == "");
  bench.append("a.log.bak", "its own\n");
  CHECK(bench.ship() == "its own|");
}

TEST_CASE("truncation and regrowth past the old offset is noticed") {
  Bench bench;
  bench.append("a.log", "one\ntwo\n");
  CHECK(bench.ship() == "one|two|");
  fs::resize_file(bench.log("a.log"), 0);
  bench.append("a.log", "three\nfour\nfive\n");
  CHECK(bench.ship() == "three|four|five|");
  CHECK(bench.tailer->counts().truncations == 1);
}

TEST_CASE("a hole that a writer without O_APPEND leaves after a truncation is skipped and booked") {
  Bench bench;
  const unique_fd writer = open_file(bench.log("a.log"), O_WRONLY | O_CREAT, 0644);
  const std::string before(20'000, 'x');
  write_all(writer.get(), before + "\n", "a.log");
  bench.ship();
  fs::resize_file(bench.log("a.log"), 0);
  write_all(writer.get(), "after\n", "a.log");
  CHECK(bench.ship() == "after|");
  std::uint64_t holes = 0;
  for (const auto& account : bench.tailer->accounts()) holes += account.skipped[static_cast<int>(SkipReason::hole)];
  CHECK(holes == 20'001);
}

TEST_CASE("a 10 MB line goes in pieces that add up, and the lines after it follow") {
  Bench bench;
  bench.options.line_limit = 1u << 20;
  bench.start();
  const std::string giant(10u << 20, 'g');
  bench.append("a.log", giant + "\nnext\n");
  const std::string all = bench.ship();
  CHECK(all.size() == giant.size() + 6);
  CHECK(all.ends_with("g|next|"));
}

TEST_CASE("thousands of files that begin alike are shipped, and a copy among them is still known") {
  Bench bench;
  const std::string banner = "starting version 1.2.3, with a banner that is longer than what is kept of a beginning\n";
  constexpr int files = 3000;
  for (int i = 0; i < files; ++i) bench.append("program" + std::to_string(i) + ".log", banner);
  CHECK(bench.ship().size() == files * banner.size());
  const std::string more = std::to_string(files) + std::string(2000, 'x') + "\n";
  bench.append("program7.log", more);
  CHECK(bench.ship().size() == more.size());
  fs::copy_file(bench.log("program7.log"), bench.log("program7.log.1"));
  fs::copy_file(bench.log("program8.log"), bench.log("program8.log.1"));
  CHECK(bench.ship() == "");
  CHECK(bench.tailer->counts().copies == 2);
  fs::resize_file(bench.log("program7.log"), 0);
  bench.append("program7.log", "next\n");
  CHECK(bench.ship() == "next|");
}

TEST_CASE(
    "of too many files, or of names that are too long together, some wait until others are done, and it is said") {
  const bool by_names = GENERATE(false, true);
  Bench bench;
  bench.options.most_files = by_names ? 100 : 3;
  if (by_names) bench.options.most_name_bytes = 4 * bench.log("1.log").string().size() - 1;
  bench.start();
  for (int i = 1; i <= 5; ++i) bench.append(std::to_string(i) + ".log", std::to_string(i) + " line\n");
  const std::string first = bench.ship();
  CHECK(std::count(first.begin(), first.end(), '|') == 3);
  CHECK(bench.tailer->unfollowed_files() == 2);
  CHECK(bench.tailer->take_notes().size() == 1);
  for (int i = 1; i <= 5; ++i)
    if (first.find(std::to_string(i) + " line") != first.npos) fs::remove(bench.log(std::to_string(i) + ".log"));
  std::string rest = bench.ship(10);
  rest += bench.ship(10);
  CHECK(std::count(rest.begin(), rest.end(), '|') == 2);
  CHECK(bench.tailer->unfollowed_files() == 0);
}

TEST_CASE("of a folder with more names than are looked at nothing that is followed is given up") {
  Bench bench;
  bench.options.most_files = 5;  // 20 names are looked at
  bench.start();
  bench.append("a.log", "one\n");
  CHECK(bench.ship() == "one|");
  for (int i = 0; i < 100; ++i) bench.append("other" + std::to_string(i), "");
  bench.ship(100);
  bench.append("a.log", "two\n");
  CHECK(bench.ship(100) == "two|");
  CHECK(bench.tailer->open_problems().size() == 1);
  CHECK(bench.tailer->counts().lost_bytes == 0);
}

TEST_CASE("a deleted file is read to its end, its unterminated last line too, and then let go") {
  Bench bench;
  bench.append("a.log", "one\n");
  CHECK(bench.ship() == "one|");
  bench.append("a.log", "two\nhalf");
  fs::remove(bench.log("a.log"));
  CHECK(bench.ship() == "two|");
  CHECK(bench.tailer->bytes_at_risk() == 4);
  CHECK(bench.ship(10) == "half|");
  bench.ship(10);
  CHECK_FALSE(bench.tailer->has_unlisted());
}

TEST_CASE("past the cap the oldest deleted file is given up, and it is said") {
  Bench bench;
  bench.options.removed_limit = 1000;
  bench.start();
  bench.tailer->scan(bench.now, 0);
  for (int i = 0; i < 5; ++i) {
    bench.append("a.log", std::string(400, 'x') + "\n");
    bench.tailer->scan(bench.now, 0);
    fs::remove(bench.log("a.log"));
  }
  bench.tailer->scan(bench.now, 0);
  CHECK(bench.tailer->bytes_at_risk() <= 1000);
  CHECK(bench.tailer->counts().lost_bytes == 3 * 401);
  CHECK_FALSE(bench.tailer->take_notes().empty());
}

TEST_CASE("compressed copies are not read as lines") {
  Bench bench;
  bench.append("a.log.1.gz", "\x1f\x8b\x08garbage\n");
  CHECK(bench.ship() == "");
  CHECK(bench.tailer->counts().compressed_files == 1);
}

TEST_CASE("a file that was rotated and compressed while nobody watched is read on from where it was") {
  const std::string pattern = GENERATE("*.log*", "*.log");
  const auto compress = GENERATE(&gzip, &zstd);
  Bench bench(pattern);
  bench.append("a.log", long_lines(0, 30));
  bench.ship();
  bench.tailer.reset();
  bench.append("a.log", "unread\n");
  fs::rename(bench.log("a.log"), bench.log("a.log.1"));
  compress(bench.log("a.log.1"));
  bench.append("a.log", "next\n");
  bench.start();
  const std::string shipped = bench.ship();
  CHECK((shipped == "unread|next|" || shipped == "next|unread|"));
  CHECK(bench.ship(100) == "");
  bench.start();
  CHECK(bench.ship() == "");
  CHECK(bench.tailer->counts().lost_bytes == 0);
}

TEST_CASE("what was written, copied and compressed between two looks arrives, and archives do not") {
  const bool watched = GENERATE(true, false);
  const std::string before = GENERATE(as<std::string>{}, "", "shipped\n");
  const auto compress = GENERATE(&gzip, &zstd);
  Bench bench;
  const auto age = [&](const std::string& name) {
    for (const auto& file : fs::directory_iterator(bench.log("")))
      if (file.path().filename().string().starts_with(name))
        fs::last_write_time(file.path(), fs::file_time_type::clock::now() - std::chrono::hours(24));
  };
  bench.append("a.log", before);
  bench.append("a.log.5", "archive\n");
  compress(bench.log("a.log.5"));
  age("a.log.5");
  CHECK(bench.ship() == (before.empty() ? "" : "shipped|"));
  if (!watched) bench.tailer.reset();
  bench.append("a.log", "unseen\n");
  fs::copy_file(bench.log("a.log"), bench.log("a.log.1"));
  fs::resize_file(bench.log("a.log"), 0);
  compress(bench.log("a.log.1"));
  bench.append("a.log", "next\n");
  // Somebody's old archive, unpacked and packed again.
  bench.append("a.log.7", "old archive\n");
  compress(bench.log("a.log.7"));
  age("a.log.7");
  if (!watched) bench.start();
  const std::string shipped = bench.ship();
  CHECK((shipped == "unseen|next|" || shipped == "next|unseen|"));
  CHECK(bench.tailer->counts().ambiguous == 0);
  CHECK(bench.ship(100) == "");
}

TEST_CASE("a compressed file that is cut off or damaged is read as far as it goes, and an archive not at all") {
  Bench bench;
  bench.append("a.log", long_lines(0, 30));
  bench.append("old.log.7", "archive\n");
  bench.ship();
  gzip(bench.log("old.log.7"));
  bench.tailer.reset();
  bench.append("a.log", long_lines(30, 200'000));
  fs::rename(bench.log("a.log"), bench.log("a.log.1"));
  gzip(bench.log("a.log.1"));
  fs::resize_file(bench.log("a.log.1.gz"), fs::file_size(bench.log("a.log.1.gz")) / 2);
  bench.start();
  const std::string shipped = bench.ship();
  CHECK(shipped.starts_with("line 30."));
  CHECK(shipped.find("archive") == std::string::npos);
}

TEST_CASE(
    "a large rotated file that was compressed is unpacked in slices, read from where it was, and again after a kill") {
  const auto compress = GENERATE(&gzip, &zstd);
  Bench bench;
  bench.append("a.log", long_lines(0, 30));
  bench.ship();
  bench.tailer.reset();
  const std::string unread = long_lines(30, 300'000);
  bench.append("a.log", unread);
  fs::rename(bench.log("a.log"), bench.log("a.log.1"));
  compress(bench.log("a.log.1"));
  REQUIRE(unread.size() > (24u << 20));
  bench.start();
  bench.tailer->scan(bench.now, ::time(nullptr));
  CHECK(bench.tailer->is_unpacking());
  CHECK(bench.tailer->has_work());  // nothing is drained before it is read
  bench.start();                    // killed meanwhile
  CHECK(bench.ship().size() == unread.size());
  CHECK(bench.slices >= 3);
  CHECK(bench.ship(100) == "");
  bench.start();
  CHECK(bench.ship() == "");
  CHECK(bench.tailer->counts().lost_bytes == 0);
}

TEST_CASE("a compressed file of which too much comes is given up early, and that is counted and said") {
  Bench bench;
  bench.options.unpack.ratio = GENERATE(std::uint64_t{200}, std::uint64_t{0});
  if (bench.options.unpack.ratio == 0) bench.options.unpack.bytes = 20u << 20;
  bench.start();
  bench.append("a.log", "first\n");
  CHECK(bench.ship() == "first|");
  write_file(bench.log("a.log.1"), "first\n" + std::string(60u << 20, '\0'));
  gzip(bench.log("a.log.1"));
  bench.append("a.log", "second\n");
  CHECK(bench.ship() == "second|");
  CHECK(bench.slices <= 6);
  CHECK(bench.tailer->counts().refused_compressed == 1);
  const auto notes = bench.tailer->take_notes();
  CHECK(std::any_of(notes.begin(), notes.end(),
                    [](const auto& note) { return note.find("a.log.1.gz has more than") != note.npos; }));
}

TEST_CASE("an inode that a compressed file had is a log's when it is used again") {
  Bench bench;
  bench.append("a.log.9.gz", "\x1f\x8b\x08 some archive\n");
  CHECK(bench.ship() == "");
  // The same inode under another name and with other content: what ext4 hands out again at once.
  fs::rename(bench.log("a.log.9.gz"), bench.log("a.log"));
  const unique_fd file = open_file(bench.log("a.log"), O_WRONLY | O_TRUNC);
  write_all(file.get(), "line\n", "a.log");
  CHECK(bench.ship() == "line|");
}

TEST_CASE("an inode that is used again by another file is not taken for the old one") {
  Bench bench("*.log");
  bench.append("a.log", "one\ntwo\n");
  CHECK(bench.ship() == "one|two|");
  bench.tailer.reset();
  // Same inode, other content: what a reused inode looks like.
  fs::resize_file(bench.log("a.log"), 0);
  bench.append("a.log", "three and more\n");
  bench.start();
  CHECK(bench.ship() == "three and more|");
}

TEST_CASE("a file renamed out of the patterns' reach while nobody watched is found by its inode") {
  Bench bench("*.log");
  bench.append("a.log", "one\n");
  CHECK(bench.ship() == "one|");
  bench.append("a.log", "two\n");
  fs::rename(bench.log("a.log"), bench.log("a.old"));
  bench.append("a.log", "three\n");
  bench.start();
  CHECK(bench.ship() == "two|three|");
}

TEST_CASE("a last line is not shipped at the end while somebody has the file open for writing") {
  Bench bench;
  unique_fd writer = open_file(bench.log("a.log"), O_WRONLY | O_CREAT | O_APPEND, 0644);
  write_all(writer.get(), "half", "a.log");
  bench.tailer->finish();
  CHECK(bench.ship() == "");
  writer.reset();
  CHECK(bench.ship() == "half|");
}

TEST_CASE("batches on their way when the process dies come again first, as they were") {
  Bench bench;
  bench.options.batch_bytes = 8;
  bench.start();
  bench.append("a.log", "one\ntwo\nthree\nfour\n");
  bench.tailer->scan(bench.now, 0);
  auto first = bench.tailer->next(bench.now, 1);
  auto second = bench.tailer->next(bench.now, 2);
  REQUIRE(second);
  bench.tailer->acknowledge(*second);
  bench.start();
  bench.tailer->scan(bench.now, 0);
  auto again = bench.tailer->next(bench.now, 3);
  REQUIRE(again);
  CHECK(again->again);
  CHECK(again->id == first->id);
  CHECK(again->time_ns == 1);
  CHECK(again->body.view() == first->body.view());
  bench.tailer->acknowledge(*again);
  CHECK(bench.ship() == "four|");
}

TEST_CASE("when the positions cannot be written nothing is handed out, and later everything is") {
  Bench bench;
  bench.append("a.log", "one\n");
  CHECK(bench.ship() == "one|");
  bench.append("a.log", "two\n");
  FileSizeLimit limit(0);  // as a full disk: every write that would grow a file fails
  CHECK(bench.ship() == "");
  CHECK_FALSE(bench.tailer->store_problem().empty());
  limit.lift();
  CHECK(bench.ship() == "two|");
  CHECK(bench.tailer->store_problem().empty());
}
