#include "adapter/metrics/merge.hpp"

#include <catch2/catch.hpp>

#include "adapter/metrics/prometheus_text.hpp"
#include "tests/unit/metrics/text.hpp"

using namespace tandem::metrics;

namespace {

const Labels app{{{"container", "app"}}};

Merged merge_two(const std::string& first, const std::string& second, const Labels& second_labels = app) {
  auto one = parse_prometheus(first, web), two = parse_prometheus(second, second_labels);
  return merge({{&one, &web}, {&two, &second_labels}});
}

}  // namespace

TEST_CASE("a family of two sources has one HELP, one TYPE and both samples together") {
  auto merged = merge_two("# TYPE a counter\na 1\nz 1\n", "# HELP a Late help.\n# TYPE a counter\na 2\nb 1\n");
  CHECK(merged.dropped.empty());
  CHECK(merged.text ==
        "# HELP a Late help.\n# TYPE a counter\na{container=\"web\"} 1\na{container=\"app\"} 2\n"
        "# TYPE b untyped\nb{container=\"app\"} 1\n# TYPE z untyped\nz{container=\"web\"} 1\n");
}

TEST_CASE("the later one of two types is dropped and told") {
  auto merged = merge_two("# TYPE a counter\na 1\n", "# TYPE a gauge\na 2\nb 1\n");
  CHECK(merged.text == "# TYPE a counter\na{container=\"web\"} 1\n# TYPE b untyped\nb{container=\"app\"} 1\n");
  CHECK(merged.dropped == std::vector<std::string>{"1: a: it is a gauge here and a counter in an earlier source"});
}

TEST_CASE("an untyped family joins a typed one, from either side") {
  CHECK(merge_two("a 1\n", "# TYPE a gauge\na 2\n").text ==
        "# TYPE a gauge\na{container=\"web\"} 1\na{container=\"app\"} 2\n");
  CHECK(merge_two("# TYPE a gauge\na 2\n", "a 1\n").dropped.empty());
  CHECK(merge_two("a 1\n", "# TYPE a histogram\na_bucket{le=\"+Inf\"} 2\na_sum 1\na_count 2\n").dropped.size() == 1);
}

TEST_CASE("a name that a histogram uses is not a family of its own") {
  auto merged = merge_two("# TYPE h histogram\nh_bucket{le=\"+Inf\"} 2\nh_sum 1\nh_count 2\n",
                          "# TYPE h_count counter\nh_count 9\n");
  CHECK(merged.text.find("TYPE h_count") == std::string::npos);
  CHECK(merged.dropped.size() == 1);
}

TEST_CASE("two sources with the same labels cannot both have a family") {
  auto merged = merge_two("a 1\n", "a 2\nb 1\n", web);
  CHECK(merged.text == "# TYPE a untyped\na{container=\"web\"} 1\n# TYPE b untyped\nb{container=\"web\"} 1\n");
  CHECK(merged.dropped.size() == 1);
}

TEST_CASE("of families that are dropped the first hundred are told, and all are counted") {
  std::string gauges, counters;
  for (int i = 0; i < 1000; ++i) {
    gauges += "# TYPE a" + std::to_string(i) + " gauge\na" + std::to_string(i) + " 1\n";
    counters += "# TYPE a" + std::to_string(i) + " counter\na" + std::to_string(i) + " 1\n";
  }
  const auto merged = merge_two(gauges, counters);
  CHECK(merged.dropped_count == 1000);
  CHECK(merged.dropped.size() == 100);
}
