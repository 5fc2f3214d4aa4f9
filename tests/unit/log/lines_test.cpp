#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

#include "sidecars/log/lines.hpp"

using namespace tandem::shipper;

namespace {

std::vector<std::string> split(std::string_view bytes, LineCursor& cursor, std::uint64_t limit = 100,
                               bool at_end = false) {
  std::vector<std::string> lines;
  split_lines(bytes, limit, at_end, cursor, [&](const Line& line) {
    std::string text(line.text);
    if (!line.whole()) text += "#" + std::to_string(line.piece) + (line.last ? "." : "");
    if (line.last && !line.terminated) text += "!";
    lines.push_back(text + "@" + std::to_string(line.offset));
    return true;
  });
  return lines;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("lines end at newlines; the rest waits") {
  LineCursor cursor{10, 10};
  CHECK(split("a\n\nbc\r\nrest", cursor) == Lines{"a@10", "@12", "bc\r@13"});
  CHECK(cursor.offset == 17);
  CHECK(cursor.line_start == 17);
}

TEST_CASE("an unterminated last line is a line when nothing will follow") {
  LineCursor cursor;
  CHECK(split("a\nrest", cursor, 100, true) == Lines{"a@0", "rest!@2"});
  CHECK(cursor.offset == 6);
  CHECK(split("", cursor, 100, true).empty());
}

TEST_CASE("a line of exactly the limit is whole; a longer one goes in pieces") {
  LineCursor cursor;
  CHECK(split("abcd\nabcde\n", cursor, 4) == Lines{"abcd@0", "abcd#0@5", "e#1.@9"});
  CHECK(cursor.offset == 11);
}

TEST_CASE("a long line that arrives bit by bit is cut where one that arrives at once is cut") {
  std::mt19937 random(3);
  for (int round = 0; round < 500; ++round) {
    std::string text;
    while (text.size() < 60) text += random() % 6 ? static_cast<char>('a' + random() % 26) : '\n';
    LineCursor all_cursor, cursor;
    const auto all = split(text, all_cursor, 5, true);
    Lines bits;
    for (std::size_t end = 0; end < text.size();) {
      end = std::min(text.size(), end + 1 + random() % 9);
      const auto part =
          split(std::string_view(text).substr(cursor.offset, end - cursor.offset), cursor, 5, end == text.size());
      bits.insert(bits.end(), part.begin(), part.end());
    }
    CHECK(bits == all);
  }
}

TEST_CASE("when no more lines are wanted the rest stays for the next time") {
  LineCursor cursor;
  int taken = 0;
  split_lines("a\nb\nc\n", 10, false, cursor, [&](const Line&) { return ++taken < 2; });
  CHECK(cursor.offset == 4);
}

TEST_CASE("NUL is a byte like any other") {
  LineCursor cursor;
  CHECK(split(std::string_view("a\0b\n", 4), cursor) == Lines{std::string("a\0b", 3) + "@0"});
}
