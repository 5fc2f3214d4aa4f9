#include <catch2/catch.hpp>

#include "sidecars/log/sinks/s3_object.hpp"

using namespace tandem::shipper;
using Catch::Matchers::Contains;

namespace {

constexpr std::int64_t time_ns = 1'795'341'600'123'456'789;  // 2026-11-22T10:00:00Z

std::string problem_of(const std::string& prefix) {
  std::string problem;
  const bool good = S3Key::parse(prefix, "", problem).has_value();
  CHECK(good == problem.empty());
  return problem;
}

}  // namespace

TEST_CASE("a key is the prefix of the batch's place and time, the batch's id, and what it is") {
  std::string problem;
  const auto key = S3Key::parse("logs/${namespace}/${pod}/%Y/%m/%d/%H/", ".ndjson.gz", problem);
  REQUIRE(key);
  CHECK(key->make({"web-1", "shop", "", "out", ""}, "0123-0-4096", time_ns) ==
        "logs/shop/web-1/2026/11/22/10/0123-0-4096.ndjson.gz");
  CHECK(key->make({}, "0123-0-4096", time_ns) == "logs/unknown/unknown/2026/11/22/10/0123-0-4096.ndjson.gz");
  CHECK_FALSE(key->names_source());
  const auto other = S3Key::parse("date=%Y-%m-%d/source=${source}/${sink}-${node}-", ".log", problem);
  REQUIRE(other);
  CHECK(other->names_source());
  CHECK(other->make({"", "", "n1", "out", "app"}, "b", time_ns) == "date=2026-11-22/source=app/out-n1-b.log");
  const auto none = S3Key::parse("", ".zst", problem);
  REQUIRE(none);
  CHECK(none->make({}, "b", time_ns) == "b.zst");
}

TEST_CASE("prefixes that storage or tools would not keep as they are, are refused") {
  CHECK(problem_of("a/.hidden/..x/") == "");
  CHECK_THAT(problem_of("/a/"), Contains("begins with a /"));
  CHECK_THAT(problem_of("a/../b/"), Contains("part that is . or .."));
  CHECK_THAT(problem_of("./"), Contains("part that is . or .."));
  CHECK_THAT(problem_of("a\nb"), Contains("no printable ASCII"));
  CHECK_THAT(problem_of("gr\xc3\xbc\xc3\x9f"), Contains("no printable ASCII"));
  CHECK_THAT(problem_of("%F/"), Contains("%Y %y %m %d"));
  CHECK_THAT(problem_of("${level}/"), Contains("has ${level}, which is not known of an object"));
  CHECK_THAT(problem_of(std::string(513, 'a')), Contains("longer than 512"));
}

TEST_CASE("a path in a URL has every other byte escaped once") {
  CHECK(escape_path("logs/a-b_c.~/x") == "logs/a-b_c.~/x");
  CHECK(escape_path("date=2026 $+%2F") == "date%3D2026%20%24%2B%252F");
}
