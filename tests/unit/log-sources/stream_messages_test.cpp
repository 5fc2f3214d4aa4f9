// Messages out of pieces of a stream.
#include <catch2/catch.hpp>

#include "sidecars/log/record/stream_messages.hpp"

using namespace tandem::shipper;

namespace {

struct Result {
  std::string text;  // messages, each with | at its end, a part with +
  bool good = true;
  bool operator==(const Result&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Result& result) { return out << result.text << result.good; }

// In pieces of so many bytes.
Result cut(std::string_view bytes, StreamFraming framing, std::size_t step, std::size_t most = 100) {
  StreamMessages messages(framing, most);
  Result result;
  const auto emit = [&](std::string_view text, bool whole) { result.text.append(text).append(whole ? "|" : "+"); };
  for (; !bytes.empty() && result.good; bytes.remove_prefix(std::min(step, bytes.size())))
    result.good = messages.feed(bytes.substr(0, step), false, emit);
  if (result.good) result.good = messages.feed({}, true, emit);
  return result;
}

}  // namespace

TEST_CASE("lines come out of a stream however it is cut, the last one too") {
  for (std::size_t step = 1; step < 20; ++step) {
    CHECK(cut("one\n\ntwo\r\n3 34\nlast", StreamFraming::lines, step) == Result{"one||two|3 34|last|"});
    CHECK(cut("", StreamFraming::lines, step) == Result{""});
  }
}

TEST_CASE("a line longer than what is held goes on in parts") {
  CHECK(cut("0123456789ab\nnext\n", StreamFraming::lines, 3, 5) == Result{"01234+56789+ab|next|"});
  CHECK(cut("0123456789", StreamFraming::lines, 3, 5) == Result{"01234+56789|"});
}

TEST_CASE("counted and newline-ended syslog messages come out of one stream however it is cut") {
  for (std::size_t step = 1; step < 40; ++step)
    CHECK(cut("9 <34>a\nb c<35>line\n\n8 <36>last<37>unended", StreamFraming::syslog, step) ==
          Result{"<34>a\nb c|<35>line|<36>last|<37>unended|"});
}

TEST_CASE("a count that is none or too large breaks the stream, and what was before it is there") {
  CHECK(cut("<1>a\n12x <2>b", StreamFraming::syslog, 100) == Result{"<1>a|", false});
  CHECK(cut("<1>a\n101 <2>b", StreamFraming::syslog, 100) == Result{"<1>a|", false});
}

TEST_CASE("a counted message of which only a part came is kept as it came") {
  CHECK(cut("20 <34>half", StreamFraming::syslog, 4) == Result{"20 <34>half|"});
}
