#include <catch2/catch.hpp>

#include "sidecars/log/encode/text_template.hpp"
#include "tests/unit/log-encode/records.hpp"

using namespace tandem::shipper;
using namespace tandem::test;

namespace {

std::string problem_of(const char* text, bool dates) {
  std::string problem;
  return TextTemplate::parse(text, dates, problem) ? "" : problem;
}

}  // namespace

TEST_CASE("fields and dates stand in a text") {
  Event event;
  fill(event, {text("a b", "x"), literal("n", "1")});
  std::string problem;
  Buffer out;
  const auto made = TextTemplate::parse("$$${a b}-${n} %Y.%m.%d %y %H:%M %j %%", true, problem);
  REQUIRE(made);
  CHECK(made->append(event, out));
  CHECK(out.view() == "$x-1 2025.11.22 25 12:00 326 %");
  CHECK_FALSE(made->is_constant());
}

TEST_CASE("without dates a % is a %, and a missing field is told") {
  Event event;
  fill(event, {});
  std::string problem;
  Buffer out;
  const auto made = TextTemplate::parse("%Y${none}", false, problem);
  REQUIRE(made);
  CHECK_FALSE(made->append(event, out));
  CHECK(out.view() == "%Y");
  CHECK(TextTemplate::parse("plain", true, problem)->is_constant());
  CHECK(TextTemplate::parse("", true, problem)->empty());
}

TEST_CASE("a wrong template says what is wrong") {
  CHECK(problem_of("${a", false) == "has a ${ without a }");
  CHECK(problem_of("${}", false) == "has a ${} without a field's name");
  CHECK(problem_of("a$b", false) == "has a $ that begins no ${FIELD} ($$ is a $)");
  CHECK(problem_of("%Q", true) == "has a % that is none of %Y %y %m %d %H %M %j %%");
  CHECK(problem_of("100%", true) == "has a % that is none of %Y %y %m %d %H %M %j %%");
}
