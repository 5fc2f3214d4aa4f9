#include "pods/state/cri_log.hpp"

#include <catch2/catch.hpp>

using namespace tandem::state;

namespace {

std::string printed(std::string_view bytes, LogFormat format = {}) {
  LogPrinter printer(std::move(format));
  std::string out;
  for (char byte : bytes) printer.feed(std::string_view(&byte, 1), out);  // cut at every byte
  std::string at_once;
  LogPrinter(printer).feed("", at_once);
  return out;
}

const std::string t = "2026-11-22T10:00:00.000000001Z ";

}  // namespace

TEST_CASE("lines come out as the container wrote them, blanks and all, however the file is cut") {
  CHECK(printed(t + "stdout F  two blanks \n" + t + "stderr F \n") == " two blanks \n\n");
}

TEST_CASE("parts are joined with their end, each stream apart") {
  CHECK(printed(t + "stdout P one\n" + t + "stdout F two\n") == "onetwo\n");
  CHECK(printed(t + "stdout P one\n" + t + "stdout P two\n" + t + "stdout F \n", {true, "[web] "}) ==
        "[web] " + t + "onetwo\n");
}

TEST_CASE("a line that is not in the format is left out, and one that is not finished waits") {
  CHECK(printed("garbage\n" + t + "stdin F x\n" + t + "stdout F ok\n" + t + "stdout F unfinished") == "ok\n");
  CHECK_FALSE(parse_log_line(""));
  CHECK_FALSE(parse_log_line("a b"));
  CHECK_FALSE(parse_log_line("a stdout "));
  CHECK_FALSE(parse_log_line("a stdout X text"));
}

TEST_CASE("the tail counts whole lines, with all their parts") {
  const std::string one = t + "stdout F one\n", two = t + "stdout P tw\n" + t + "stdout F o\n",
                    three = t + "stdout F three\n";
  const std::string bytes = one + two + three;
  CHECK(tail_offset(bytes, 0) == bytes.size());
  CHECK(bytes.substr(tail_offset(bytes, 1)) == three);
  CHECK(bytes.substr(tail_offset(bytes, 2)) == two + three);
  CHECK(tail_offset(bytes, 9) == 0);
  CHECK(tail_offset("", 3) == 0);
}
