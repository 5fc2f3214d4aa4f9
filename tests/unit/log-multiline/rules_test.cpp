#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "sidecars/log/record/multiline.hpp"

using namespace tandem::shipper;

namespace {

std::shared_ptr<const Multiline> patterns(const std::string& start, const std::string& continuation) {
  std::string problem;
  auto rules = make_multiline(start, continuation, problem);
  INFO(problem);
  REQUIRE(rules);
  return rules;
}

std::shared_ptr<const Multiline> traces(const std::vector<std::string>& languages) {
  std::string problem;
  auto rules = make_stack_trace_rules(languages, problem);
  INFO(problem);
  REQUIRE(rules);
  return rules;
}

// How many lines each record has.
std::vector<int> sizes(const Multiline& rules, const std::vector<std::string>& lines) {
  std::vector<int> result;
  int state = 0;
  for (const auto& line : lines) {
    const bool first = state == 0;
    if (rules.continues(line, state) && !first)
      ++result.back();
    else
      result.push_back(1);
  }
  return result;
}

using Sizes = std::vector<int>;

}  // namespace

TEST_CASE("A line that matches start begins a record and all others go on with it") {
  const auto rules = patterns(R"(^\d{4}-)", "");
  CHECK(sizes(*rules, {"torn tail", "2026-11-22 a", "  more", "", "2026-11-22 b", "2026-11-22 c"}) ==
        Sizes{1, 3, 1, 1});
  CHECK(sizes(*rules, {"torn", "tail", "2026-11-22 a"}) == Sizes{2, 1});
}

TEST_CASE("A line that matches continuation goes on with the record before it") {
  const auto rules = patterns("", R"(^\s|\\$)");
  CHECK(sizes(*rules, {"a", " b", "c", "d", "\te", " f"}) == Sizes{2, 1, 3});
  CHECK(sizes(*rules, {" first of all", " b", "c"}) == Sizes{2, 1});
}

TEST_CASE("With both a line goes on when it matches continuation and not start") {
  const auto rules = patterns("^BEGIN", "[+]");
  CHECK(sizes(*rules, {"BEGIN 1", "+ a", "BEGIN + 2", "+", "other", "x +"}) == Sizes{2, 2, 2});
}

TEST_CASE("A CR before the newline is no part of the line for a pattern, and bytes may be no UTF-8") {
  CHECK(sizes(*patterns("", "more$"), {"a\r", "more\r", "more \r"}) == Sizes{2, 1});
  CHECK(sizes(*patterns("", "more$"), {"a", "\xff\xfe more"}) == Sizes{2});
}

TEST_CASE("A pattern that is wrong is named with RE2's error") {
  std::string problem;
  CHECK_FALSE(make_multiline("ok", "(unclosed", problem));
  CHECK(problem == "continuation: missing ): (unclosed");
  CHECK_FALSE(make_multiline("a**", "", problem));
  CHECK(problem == "start: bad repetition operator: **");
  CHECK_FALSE(make_multiline("", "", problem));
  CHECK(problem == "neither start nor continuation is given");
}

TEST_CASE("A language without rules is named") {
  std::string problem;
  CHECK_FALSE(make_stack_trace_rules({"java", "cobol"}, problem));
  CHECK(problem == "there are no rules for stack traces of \"cobol\"");
  CHECK_FALSE(make_stack_trace_rules({}, problem));
  CHECK(problem == "no language is named");
  CHECK(stack_trace_languages() == std::vector<std::string>{"java", "python", "go", "cpp", "node", "ruby"});
}

TEST_CASE("Ordinary lines are records of their own for all languages at once") {
  const auto rules = traces(stack_trace_languages());
  const std::vector<std::string> lines = {
      "2026-11-22T10:00:00Z INFO starting",
      "",
      "ERROR: request failed",
      "Traceback of a parcel: 17",
      R"({"level":"error","message":"x"})",
      "panic button pressed",
      "goroutines: 17",
      "at last",
      "server.go(12) started",
      "=> step",
      "/health: 200",
      "Caused by a cat",
      "terminated: 3",
      "[main] done.",
      "a.rb:3: warning: x",
      "",
      "",
      "#1 priority",
  };
  std::string all;
  for (const int size : sizes(*rules, lines)) all += std::to_string(size);
  // The last is what a frame of gdb's looks like.
  CHECK(all == std::string(lines.size() - 2, '1') + "2");
}

TEST_CASE("A line that interrupts a traceback is a record of its own") {
  const std::vector<std::string> lines = {"Traceback (most recent call last):",
                                          "  File \"a.py\", line 1, in <module>",
                                          "2026-11-22 10:00:00 INFO hello",
                                          "    f()",
                                          "ValueError: x",
                                          "next"};
  CHECK(sizes(*traces({"python"}), lines) == Sizes{2, 1, 1, 1, 1});
  const std::vector<std::string> go = {
      "panic: x",    "2026/11/22 10:00:00 other",       "",    "goroutine 1 [running]:",
      "main.main()", "2026/11/22 10:00:01 served (12)", "next"};
  CHECK(sizes(*traces({"go"}), go) == Sizes{1, 1, 3, 1, 1});
}

TEST_CASE("Two traces that follow each other are two records") {
  const std::vector<std::string> python = {
      "Traceback (most recent call last):", "  File \"a.py\", line 1, in f", "ValueError: a",
      "Traceback (most recent call last):", "  File \"a.py\", line 1, in f", "ValueError: b"};
  CHECK(sizes(*traces({"python"}), python) == Sizes{3, 3});
  const std::vector<std::string> java = {"java.lang.Error: a", "\tat A.f(A.java:1)", "java.lang.Error: b",
                                         "\tat A.f(A.java:1)", "\t... 3 more"};
  CHECK(sizes(*traces({"java"}), java) == Sizes{2, 3});
}

TEST_CASE("The state after a line that begins a record is what it is when that line is asked for as a first one") {
  const auto rules = traces(stack_trace_languages());
  for (const std::string line : {"plain", "Traceback (most recent call last):", "panic: x", "==========", ""}) {
    int first = 0, later = 0;
    rules->continues(line, first);
    rules->continues("plain", later);
    CHECK_FALSE(rules->continues(line, later));
    CHECK(first == later);
    CHECK(first != 0);
  }
}

TEST_CASE("A report that begins with FATAL is found by the rules of C++ alone, too") {
  CHECK(sizes(*traces({"cpp"}),
              {"start", "FATAL: ThreadSanitizer: unexpected memory mapping", "    #0 main a.cpp:1"}) == Sizes{1, 2});
}
