// tests/golden/log-multiline/CASE/{input,expected}: what programs really printed, between lines of an ordinary log; in
// `expected` each record's first line is marked with "> " and the lines that go on with it with "| ". A case is read
// with the rules of the language that its name begins with (python-chain: python), and with all languages' at once:
// both give the same, unless there is an `all` beside it. TANDEM_UPDATE_GOLDEN=1 writes `expected`.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>

#include "core/os/files.hpp"
#include "sidecars/log/record/multiline.hpp"

using namespace tandem;
using namespace tandem::shipper;

namespace {

std::string records(const Multiline& rules, std::string_view input) {
  std::string result;
  int state = 0;
  while (!input.empty()) {
    const std::size_t end = input.find('\n');
    const std::string_view line = input.substr(0, end);
    const bool first = state == 0;
    result.append(rules.continues(line, state) && !first ? "| " : "> ").append(line).append(1, '\n');
    input.remove_prefix(end == input.npos ? input.size() : end + 1);
  }
  return result;
}

std::string records_of(const std::vector<std::string>& languages, const std::string& input) {
  std::string problem;
  const auto rules = make_stack_trace_rules(languages, problem);
  INFO(problem);
  REQUIRE(rules);
  return records(*rules, input);
}

}  // namespace

TEST_CASE("Real stack traces are one record each, and the lines between them are records of their own") {
  const fs::path root = fs::path(TANDEM_SOURCE_DIR) / "tests/golden/log-multiline";
  const auto cases = list_directory(root);
  REQUIRE_FALSE(cases.empty());
  for (const auto& name : cases) {
    const std::string input = read_file(root / name / "input");
    const std::string language = name.substr(0, name.find('-'));
    INFO(name);
    const std::string alone = records_of({language}, input);
    if (std::getenv("TANDEM_UPDATE_GOLDEN")) write_file(root / name / "expected", alone);
    CHECK(alone == read_file(root / name / "expected"));
    CHECK(records_of(stack_trace_languages(), input) == read_file(root / name / "expected"));
  }
}
