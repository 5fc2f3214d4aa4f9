#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "sidecars/log/record/syslog_frames.hpp"

using namespace tandem::shipper;
using Kind = SyslogFrame::Kind;

namespace {

// All messages of `bytes`, which come in steps of `step`; "!" when the stream is broken, "?" when something is left.
std::vector<std::string> messages(std::string_view bytes, std::size_t step, std::size_t most = 100) {
  std::vector<std::string> result;
  std::size_t begin = 0;
  bool in_line = false;
  for (std::size_t end = 0; end < bytes.size();) {
    end = std::min(bytes.size(), end + step);
    while (begin < end) {
      const auto frame = next_syslog_frame(bytes.substr(begin, end - begin), most, end == bytes.size(), in_line);
      if (frame.kind == Kind::incomplete) break;
      if (frame.kind != Kind::message) {
        result.emplace_back("!");
        return result;
      }
      result.push_back(std::string(frame.text) + (frame.cut ? "~" : ""));
      REQUIRE(frame.consumed != 0);
      begin += frame.consumed;
      in_line = frame.cut;
    }
  }
  if (begin != bytes.size()) result.emplace_back("?");
  return result;
}

using Messages = std::vector<std::string>;

}  // namespace

TEST_CASE("Counted messages and lines are told apart, wherever the bytes are cut") {
  for (std::size_t step = 1; step < 60; ++step) {
    INFO(step);
    CHECK(messages("7 <1>a\nb\n<2>line\r\n6 <3>c\nd\n<4>last", step) ==
          Messages{"<1>a\nb", "<2>line", "<3>c\nd", "", "<4>last"});
  }
}

TEST_CASE("A count without its bytes waits, past the bound or without a space it breaks the stream") {
  CHECK(messages("9 <1>a", 3) == Messages{"?"});
  CHECK(messages("101 <1>a", 3) == Messages{"!"});
  CHECK(messages("12345678901 x", 20) == Messages{"!"});
  CHECK(messages("12<1>a", 20) == Messages{"!"});
  CHECK(next_syslog_frame("101 <1>a", 100, false).kind == Kind::too_long);
  CHECK(next_syslog_frame("12", 100, false).kind == Kind::incomplete);
}

TEST_CASE("A line past the bound comes in messages of the bound's size, the first ones marked") {
  CHECK(messages("<1>a1 cdefg\n<2>x\n", 99, 4) == Messages{"<1>a~", "1 cd~", "efg", "<2>x"});
  CHECK(messages("<1>a\n", 99, 4) == Messages{"<1>a"});
}
