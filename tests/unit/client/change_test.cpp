#include "pods/client/change.hpp"

#include <catch2/catch.hpp>

#include "core/os/error.hpp"

using namespace tandem;
using namespace tandem::client;
using Catch::Contains;

namespace {

Fault fault_of_refusal(const Finding& found) {
  try {
    refuse_change("pod/web", found);
  } catch (const Error& error) {
    CHECK(error.hint().find("--replace") != std::string::npos);
    return error.fault();
  }
  FAIL("it is not refused");
  return Fault::bug;
}

}  // namespace

TEST_CASE("a pod that runs as it is wanted stays, and one that was applied otherwise can only be replaced") {
  const Finding same = compare(R"({"a":1})", R"({"a":1})", "/objects/web.json");
  CHECK(same.change == Change::none);
  CHECK_NOTHROW(refuse_change("pod/web", same));

  const Finding other = compare(R"({"a":1})", R"({"a":2})", "/objects/web.json");
  CHECK(other.change == Change::replace);
  CHECK(other.damage == "");
  CHECK(fault_of_refusal(other) == Fault::user);
  CHECK_THROWS_WITH(refuse_change("pod/web", other), Contains("pod/web") && Contains("differs from this manifest"));
}

TEST_CASE("a pod of which nobody knows what was applied is no user's fault, and its file is named") {
  for (const std::optional<std::string>& applied :
       {std::optional<std::string>(), std::optional<std::string>(""), std::optional<std::string>("{\"a\":"),
        std::optional<std::string>("[1]"), std::optional<std::string>("null")}) {
    CAPTURE(applied.value_or("missing"));
    const Finding found = compare(R"({"a":1})", applied, "/objects/web.json");
    CHECK(found.change == Change::replace);
    CHECK(fault_of_refusal(found) == Fault::environment);
    CHECK_THROWS_WITH(refuse_change("pod/web", found), Contains("/objects/web.json"));
  }
}

TEST_CASE("a pod that is not there yet is created, whatever else holds") {
  CHECK_NOTHROW(refuse_change("pod/web", Finding{}));
  CHECK(std::string(outcome(Finding{}.change)) == "created");
  CHECK(std::string(outcome(Change::none)) == "unchanged");
  CHECK(std::string(outcome(Change::replace)) == "replaced");
}
