#include "core/net/line_framer.hpp"

#include <catch2/catch.hpp>
#include <vector>

using namespace tandem::net;

namespace {

struct Seen {
  std::vector<std::string> lines;
  LineFramer::OnLine collect() {
    return
        [this](std::string_view line, bool truncated) { lines.push_back(std::string(line) + (truncated ? "~" : "")); };
  }
};

}  // namespace

TEST_CASE("lines come out the same however the bytes are cut") {
  std::string text = "one\r\n\ntwo\nthree\r\r\nlast";
  std::vector<std::string> wanted = {"one", "", "two", "three\r", "last"};
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    Seen seen;
    LineFramer framer(100);
    for (std::size_t at = 0; at < text.size(); at += piece)
      framer.feed(std::string_view(text).substr(at, piece), seen.collect());
    framer.finish(seen.collect());
    INFO("pieces of " << piece);
    CHECK(seen.lines == wanted);
  }
}

TEST_CASE("a line past the limit is cut once and the next one is whole, however the bytes are cut") {
  std::string text = "123456789\nabcd\r\nabcde\r\nok\n";
  std::vector<std::string> wanted = {"1234~", "abcd", "abcd~", "ok"};
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    Seen seen;
    LineFramer framer(4);
    for (std::size_t at = 0; at < text.size(); at += piece)
      framer.feed(std::string_view(text).substr(at, piece), seen.collect());
    framer.finish(seen.collect());
    INFO("pieces of " << piece);
    CHECK(seen.lines == wanted);
  }
}
