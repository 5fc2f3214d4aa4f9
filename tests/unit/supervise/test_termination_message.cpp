#include "pods/supervise/termination_message.hpp"

#include <catch2/catch.hpp>

#include "core/os/files.hpp"
#include "tests/support/servers.hpp"

using namespace tandem;
using namespace tandem::supervise;

namespace {

std::string logged(const std::string& stream, const std::string& tag, const std::string& text) {
  return "2026-11-22T10:00:00.000000001Z " + stream + " " + tag + " " + text + "\n";
}

std::string lines(int from, int to) {
  std::string out;
  for (int i = from; i <= to; ++i) out += logged("stdout", "F", "line " + std::to_string(i));
  return out;
}

}  // namespace

TEST_CASE("the last output is both streams without what the log adds, the unfinished line included") {
  CHECK(last_output("") == "");
  CHECK(last_output(logged("stdout", "F", "one") + logged("stderr", "F", " two ") + logged("stdout", "P", "th") +
                    logged("stdout", "P", "ree")) == "one\n two \nthree");
}

TEST_CASE("the last output is 80 lines at most") {
  const std::string out = last_output(lines(1, 100));
  CHECK(out.starts_with("line 21\n"));
  CHECK(out.ends_with("line 100\n"));
  CHECK(std::count(out.begin(), out.end(), '\n') == 80);
  CHECK(last_output(lines(1, 80)).starts_with("line 1\n"));
}

TEST_CASE("the last output is 2048 bytes at most, however few lines that are, and begins with a whole character") {
  const std::string out = last_output(logged("stdout", "F", std::string(3000, 'x') + "end"));
  CHECK(out.size() == 2048);
  CHECK(out.ends_with("xend\n"));
  std::string euros;
  for (int i = 0; i < 1000; ++i) euros += "\xe2\x82\xac";
  const std::string whole = last_output(logged("stdout", "F", euros));  // 3000 bytes and the line's end
  CHECK(whole.size() == 2047);
  CHECK(whole.starts_with("\xe2\x82\xac"));
}

TEST_CASE("the end of a long log is read, and a line that is cut there is left out") {
  const test::TemporaryDirectory directory;
  std::string log;
  for (int i = 0; i < 200'000; ++i) log += logged("stdout", "P", "x");  // a byte each, far more than is read
  write_file(directory / "0.log", log + logged("stdout", "F", "the end"));
  const std::string out = message_of_log(directory / "0.log");
  CHECK(out == std::string(2048 - 8, 'x') + "the end\n");
  CHECK(message_of_log(directory / "none.log") == "");
}

TEST_CASE("the message of a file is its last 4096 bytes, and what is no file has none") {
  const test::TemporaryDirectory directory;
  write_file(directory / "message", std::string(5000, 'a') + "end");
  const std::string message = message_of_file(directory / "message");
  CHECK(message.size() == 4096);
  CHECK(message.ends_with("aend"));
  fs::create_symlink(directory / "message", directory / "link");
  CHECK(message_of_file(directory / "link") == "");
  CHECK(message_of_file(directory.path()) == "");
}
