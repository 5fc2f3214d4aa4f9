// Messages on disk, and what the framer makes of them.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>

#include "core/os/files.hpp"
#include "sidecars/log/record/framing.hpp"
#include "sidecars/log/record/spool_line.hpp"
#include "sidecars/log/spool.hpp"
#include "tests/support/servers.hpp"

using namespace tandem;
using namespace tandem::shipper;

namespace {

struct Folder {
  test::TemporaryDirectory directory;
  SpoolOptions options{directory / "spool", 1 << 20, 4096, 1024};
  std::vector<std::string> files() const { return list_directory(options.directory); }
  std::string read(const std::string& name) const { return read_file(options.directory / name); }
  // PEER:MESSAGE, each with | at its end.
  std::string messages() const {
    std::string all;
    Framing framing;
    framing.spool = true;
    for (const auto& name : files()) {
      const std::string text = read(name);
      LineCursor cursor;
      Framer().cut(text, framing, 1024, Ending::final, cursor, [&](const Line& line) {
        all.append(line.stream).append(":").append(line.text).append("|");
        CHECK(line.time_ns > 0);
        return true;
      });
    }
    return all;
  }
};

}  // namespace

TEST_CASE("a line of a spool reads back, and nothing else is taken for one") {
  std::string text;
  append_spool_line({1763805600123456789, "127.0.0.1:40000", false, "a message"}, text);
  append_spool_line({7, "", true, ""}, text);
  append_spool_line({7, "a peer\nwith spaces", false, "two\nlines\n"}, text);
  CHECK(text == "1763805600123456789 127.0.0.1:40000 F a message\n7 - P \n7 a_peer_with_spaces F two#012lines#012\n");
  SpoolLine line;
  REQUIRE(parse_spool_line("1763805600123456789 127.0.0.1:40000 F a message", line));
  CHECK(line.time_ns == 1763805600123456789);
  CHECK(line.peer == "127.0.0.1:40000");
  CHECK_FALSE(line.partial);
  CHECK(line.message == "a message");
  REQUIRE(parse_spool_line("7 - P ", line));
  CHECK(line.peer == "");
  CHECK(line.partial);
  CHECK(line.message == "");
  for (const char* wrong : {"", "7", "7 ", "7 -", "7 - F", "7 - X a", "x - F a", "7  F a", "7 - Fa"})
    CHECK_FALSE(parse_spool_line(wrong, line));
}

TEST_CASE("messages of several peers in parts are put together") {
  Folder folder;
  Spool spool(folder.options);
  spool.add("a", "one", false);
  spool.add("b", "two", false);
  spool.add("a", "-more", true);
  spool.add("b", "-more", true);
  spool.add("", "three", true);
  REQUIRE(spool.flush());
  CHECK(folder.messages() == "a:one-more|b:two-more|:three|");
}

TEST_CASE("no line of a spool is longer than the limit, whatever is in the message") {
  Folder folder;
  Spool spool(folder.options);
  spool.add(std::string(300, 'p'), std::string(5000, '\n'), true);
  spool.add("q", std::string(5000, 'x'), true);
  REQUIRE(spool.flush());
  std::size_t longest = 0, begin = 0;
  const std::string text = folder.read("000001.log");
  for (std::size_t end; (end = text.find('\n', begin)) != text.npos; begin = end + 1)
    longest = std::max(longest, end - begin);
  CHECK(longest <= 1024);
  CHECK(longest > 200);
  const std::string all = folder.messages();
  CHECK(std::count(all.begin(), all.end(), 'x') == 5000);
  CHECK(std::count(all.begin(), all.end(), '#') == 5000);
}

TEST_CASE("another file is begun when one is large, no two begin alike, and there is room again when files are gone") {
  Folder folder;
  folder.options.max_bytes = 20'000;
  Spool spool(folder.options);
  int added = 0;
  for (; spool.has_room() && added < 1000; ++added) {
    spool.add("peer", std::string(500, 'm'), true);
    REQUIRE(spool.flush());
  }
  CHECK(added > 30);
  CHECK(added < 40);
  REQUIRE(folder.files().size() == 5);
  CHECK(folder.read("000001.log").substr(0, 100) != folder.read("000002.log").substr(0, 100));
  CHECK(spool.bytes() >= 20'000);
  fs::remove(folder.options.directory / "000001.log");
  CHECK_FALSE(spool.has_room());
  spool.count_again();
  CHECK(spool.has_room());
}

TEST_CASE("a spool that is opened again ends the line that a killed process left, and begins a new file") {
  Folder folder;
  {
    Spool spool(folder.options);
    spool.add("a", "whole", true);
    REQUIRE(spool.flush());
  }
  { write_all(open_file(folder.options.directory / "000001.log", O_WRONLY | O_APPEND).get(), "12 b F ha", "spool"); }
  Spool spool(folder.options);
  CHECK(folder.read("000001.log").ends_with("12 b F ha\n"));
  spool.add("a", "next", true);
  REQUIRE(spool.flush());
  CHECK(folder.files() == std::vector<std::string>{"000001.log", "000002.log"});
  CHECK(folder.messages() == "a:whole|b:ha|a:next|");
}

TEST_CASE("what a full disk does not take waits in memory and comes whole, and there is no room meanwhile") {
  Folder folder;
  Spool spool(folder.options);
  spool.add("a", "first", true);
  REQUIRE(spool.flush());
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  rlimit limit = before;
  limit.rlim_cur = fs::file_size(folder.options.directory / "000001.log") + 30;
  ::setrlimit(RLIMIT_FSIZE, &limit);
  spool.add("a", "a message that is longer than what is left", true);
  CHECK_FALSE(spool.flush());
  CHECK_FALSE(spool.flush());
  CHECK(spool.problem() != "");
  CHECK_FALSE(spool.has_room());
  CHECK(folder.messages() == "a:first|");  // no half of a line: the file could not be deleted
  ::setrlimit(RLIMIT_FSIZE, &before);
  CHECK(spool.flush());
  CHECK(spool.problem() == "");
  CHECK(folder.messages() == "a:first|a:a message that is longer than what is left|");
  CHECK(folder.read("000001.log").ends_with("first\n"));
}

TEST_CASE("a spool keeps some of its disk free") {
  Folder folder;
  folder.options.keep_free = 0;
  Spool spool(folder.options);
  spool.add("a", "first", true);
  REQUIRE(spool.flush());
  folder.options.keep_free = std::uint64_t{1} << 62;  // an eighth of the disk, then
  const auto disk = fs::space(folder.options.directory);
  spool.set_limits(folder.options);
  spool.add("a", "second", true);
  CHECK(spool.flush() == (disk.available > disk.capacity / 8));
}
