#include <catch2/catch.hpp>

#include "tests/unit/command_line/kitchen.hpp"

namespace {

// What is said on stderr, after making sure that nothing else has happened.
std::string refusal(std::vector<const char*> words) {
  const Kitchen kitchen = run(std::move(words));
  CHECK(kitchen.code == 64);
  CHECK(kitchen.ran.empty());
  CHECK(kitchen.out == "");
  const std::string end = "\nRun with --help for more information.\n";
  REQUIRE(kitchen.err.size() > end.size());
  CHECK(kitchen.err.substr(kitchen.err.size() - end.size()) == end);
  return kitchen.err.substr(0, kitchen.err.size() - end.size());
}

}  // namespace

TEST_CASE("a command must be named") {
  CHECK(refusal({}) == "A subcommand is required");
  CHECK(refusal({"tidy"}) == "A subcommand is required");
}

TEST_CASE("what is required must be there") {
  CHECK(refusal({"cook"}) == "dish is required");
  CHECK(refusal({"cook", "-q"}) == "dish is required");
}

TEST_CASE("an option that is not in the tree is refused") {
  CHECK(refusal({"cook", "soup", "--quik"}) == "The following argument was not expected: --quik");
  CHECK(refusal({"-q", "cook", "soup"}) == "The following argument was not expected: -q");
}

TEST_CASE("an option needs its value") {
  CHECK(refusal({"cook", "soup", "--style"}) == "--style: 1 required TEXT:{plain,fancy} missing");
  CHECK(refusal({"cook", "soup", "-s"}) == "--spice: 1 required SPICE missing");
}

TEST_CASE("an option of one value is given once") {
  CHECK(refusal({"cook", "soup", "--style", "plain", "--style", "fancy"}).starts_with("--style: "));
}

TEST_CASE("a choice must be one of those there are") {
  CHECK(refusal({"cook", "soup", "--style", "odd"}) == "--style: odd not in {plain,fancy}");
}

TEST_CASE("a number must be one, and in its range") {
  CHECK(refusal({"cook", "soup", "--minutes", "ten"}).starts_with("--minutes: Value ten not in range 0"));
  CHECK(refusal({"cook", "soup", "--minutes", "-1"}).starts_with("--minutes: Value -1 not in range 0"));
  CHECK(refusal({"cook", "soup", "--minutes", "1.5"}) == "Could not convert: --minutes = 1.5");
  CHECK(refusal({"cook", "soup", "--grams", "9"}) == "--grams: Value 9 not in range 10 to 1000");
  CHECK(refusal({"cook", "soup", "--grams", "1001"}) == "--grams: Value 1001 not in range 10 to 1000");
}
