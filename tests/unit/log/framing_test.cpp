#include "sidecars/log/record/framing.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

using namespace tandem::shipper;

namespace {

struct Seen {
  std::string text, stream;
  std::uint64_t offset;
  bool operator==(const Seen&) const = default;
};

// As if the file grew by `step` bytes at a time, and each read began where the one before stopped.
std::vector<Seen> cut(const std::string& bytes, const Framing& framing, std::size_t step, std::uint64_t limit = 1000,
                      Ending ending = Ending::final, std::size_t most = 1'000'000) {
  std::vector<Seen> seen;
  LineCursor cursor;
  Framer framer;
  for (std::size_t end = 0; end < bytes.size() || cursor.offset == 0;) {
    end = std::min(bytes.size(), end + step);
    const std::uint64_t before = cursor.offset;
    std::size_t count = 0;
    do {
      count = 0;
      framer.cut(std::string_view(bytes).substr(cursor.offset, end - cursor.offset), framing, limit,
                 end == bytes.size() ? ending : Ending::open, cursor, [&](const Line& line) {
                   seen.push_back({std::string(line.text), std::string(line.stream), line.offset});
                   return ++count < most;
                 });
    } while (count >= most);
    if (end == bytes.size() && cursor.offset == before) break;
  }
  return seen;
}

std::vector<std::string> texts(const std::vector<Seen>& seen) {
  std::vector<std::string> all;
  for (const auto& s : seen) all.push_back(s.text);
  return all;
}

Framing indented() {
  Framing framing;
  std::string problem;
  framing.rules = make_multiline("", "^[ \t]", problem);
  REQUIRE(framing.rules);
  return framing;
}

std::string cri(const std::string& stream, const std::string& text, bool partial = false) {
  return "2026-11-22T10:00:00Z " + stream + (partial ? " P " : " F ") + text + "\n";
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("lines that go on with a record belong to it, and the last record waits") {
  const std::string bytes = "one\n two\n three\nfour\nfive\n six\n";
  for (const std::size_t step : {1, 3, 7, 100}) {
    CHECK(texts(cut(bytes, indented(), step)) == Texts{"one\n two\n three", "four", "five\n six"});
    CHECK(texts(cut(bytes, indented(), step, 1000, Ending::open)) == Texts{"one\n two\n three", "four"});
  }
}

TEST_CASE("what was waited for in vain ends its record, but an unfinished line still waits") {
  CHECK(texts(cut("one\n two\n thr", indented(), 100, 1000, Ending::lines)) == Texts{"one\n two"});
  CHECK(texts(cut("one\n two\n thr", indented(), 100, 1000, Ending::final)) == Texts{"one\n two\n thr"});
}

TEST_CASE("a record ends at the limits of lines and of bytes") {
  Framing framing = indented();
  framing.most_lines = 2;
  CHECK(texts(cut("a\n b\n c\n d\n", framing, 100)) == Texts{"a\n b", " c\n d"});
  CHECK(texts(cut("aaaa\n bbb\n ccc\n", indented(), 100, 10)) == Texts{"aaaa\n bbb", " ccc"});
  CHECK(texts(cut("a\n0123456789ABCDE\n b\n", indented(), 100, 10)) == Texts{"a", "0123456789", "ABCDE", " b"});
}

TEST_CASE("the parts of a container's line are one record, and its streams do not mix") {
  Framing framing;
  framing.cri = true;
  const std::string bytes = cri("stdout", "one ", true) + cri("stderr", "bad ", true) + cri("stdout", "line") +
                            cri("stderr", "thing") + cri("stdout", "two");
  for (const std::size_t step : {1, 10, 1000}) {
    const auto seen = cut(bytes, framing, step);
    CHECK(texts(seen) == Texts{"one line", "bad thing", "two"});
    CHECK(seen[1].stream == "stderr");
  }
  CHECK(texts(cut("no such line\n" + cri("stdout", "x"), framing, 100)) == Texts{"no such line", "x"});
}

TEST_CASE("stack traces of a container's two streams are taken apart") {
  Framing framing = indented();
  framing.cri = true;
  const std::string bytes = cri("stderr", "trace") + cri("stdout", "out 1") + cri("stderr", " at a") +
                            cri("stdout", "out 2") + cri("stderr", " at ", true) + cri("stdout", "out 3") +
                            cri("stderr", "b") + cri("stderr", "end") + cri("stdout", "out 4");
  for (const std::size_t step : {1, 50, 1000}) {
    auto all = texts(cut(bytes, framing, step));
    std::sort(all.begin(), all.end());
    CHECK(all == Texts{"end", "out 1", "out 2", "out 3", "out 4", "trace\n at a\n at b"});
  }
}

TEST_CASE("wherever reading stops and begins again, the records are the same and no byte is missing") {
  std::mt19937 random(7);
  const auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  for (int round = 0; round < 400; ++round) {
    Framing framing = below(3) ? indented() : Framing();
    framing.cri = below(2);
    framing.most_lines = 3 + below(10);
    std::string bytes;
    for (unsigned n = 1 + below(30); n > 0; --n) {
      std::string text = below(2) ? " " : "";
      text.append(below(40), 'x');
      bytes += framing.cri && below(8) ? cri(below(2) ? "stdout" : "stderr", text, below(4) == 0) : text + "\n";
    }
    if (below(3) == 0) bytes += "half";
    const std::uint64_t limit = below(2) ? 20 + below(300) : 1'000'000;
    const auto whole = cut(bytes, framing, bytes.size(), limit);
    CAPTURE(round, bytes, limit);
    CHECK(cut(bytes, framing, 1 + below(20), limit) == whole);
    // Where the limit ended one record, reading on from there may put together what it had ended beside it.
    if (limit > bytes.size()) CHECK(cut(bytes, framing, bytes.size(), limit, Ending::final, 1 + below(3)) == whole);
    std::size_t kept = 0, there = 0;
    for (const auto& s : whole) kept += static_cast<std::size_t>(std::count(s.text.begin(), s.text.end(), 'x'));
    there = static_cast<std::size_t>(std::count(bytes.begin(), bytes.end(), 'x'));
    CHECK(kept == there);
  }
}
