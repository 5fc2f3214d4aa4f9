#include "adapter/metrics/prometheus_text.hpp"

#include <catch2/catch.hpp>

#include "adapter/metrics/prometheus_line.hpp"
#include "tests/unit/metrics/text.hpp"

using namespace tandem::metrics;

TEST_CASE("every sample gets the label, whatever labels it has") {
  auto page = parse_prometheus(
      "# HELP a_total Things.\n# TYPE a_total counter\na_total 1\na_total{x=\"1\"} 2 1700000000000\n"
      "a_total{ x = \"2\" , y=\"\\\"}\\n\\\\\" , } 3e4\n"
      "a_total{} +Inf\n",
      web);
  CHECK(text_of(page) ==
        "# HELP a_total Things.\n# TYPE a_total counter\n"
        "a_total{container=\"web\"} 1\na_total{container=\"web\",x=\"1\"} 2 1700000000000\n"
        "a_total{container=\"web\",x = \"2\" , y=\"\\\"}\\n\\\\\"} 3e4\n");
  CHECK(page.problem_count == 1);  // a_total{} is a_total again
}

TEST_CASE("a label that is ours becomes exported_, as Prometheus does it") {
  Labels labels({{"container", "web"}, {"exported_zone", "q"}, {"zone", "z"}});
  auto page = parse_prometheus("a{container=\"x\",b=\"1\",zone=\"old\"} 1\n", labels);
  REQUIRE(page.families.size() == 1);
  CHECK(page.families[0].lines ==
        "a{container=\"web\",exported_zone=\"q\",zone=\"z\",exported_container=\"x\",b=\"1\",exported_exported_zone="
        "\"old\"} 1\n");
}

TEST_CASE("histograms and summaries stay whole") {
  std::string text =
      "# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n"
      "# TYPE s summary\ns{quantile=\"0.5\"} 1\ns_sum 1\ns_count 1\n# TYPE c counter\nc_count 5\n";
  auto page = parse_prometheus(text, web);
  CHECK(page.problem_count == 0);
  REQUIRE(family_of(page, "h"));
  CHECK(family_of(page, "h")->samples == 4);
  CHECK(family_of(page, "s")->samples == 3);
  REQUIRE(family_of(page, "c_count"));
  CHECK(family_of(page, "c_count")->kind == Kind::untyped);
}

TEST_CASE("families that are mixed up come out contiguous") {
  auto page = parse_prometheus("a 1\nb 1\na{x=\"1\"} 2\n# TYPE b gauge\nb{x=\"1\"} 2\n", web);
  CHECK(text_of(page) ==
        "# TYPE a untyped\na{container=\"web\"} 1\na{container=\"web\",x=\"1\"} 2\n"
        "# TYPE b untyped\nb{container=\"web\"} 1\nb{container=\"web\",x=\"1\"} 2\n");
  CHECK(page.problem_count == 1);  // TYPE after samples
}

TEST_CASE("a line that Prometheus would refuse is left out and told with its number") {
  const char* bad[] = {"1a 2",
                       "a",
                       "a b",
                       "a{",
                       "a{x} 1",
                       "a{x=1} 1",
                       "a{x=\"1} 1",
                       "a{x=\"1\" 1",
                       "a{x=\"\\z\"} 1",
                       "a{1=\"x\"} 1",
                       "a 1 2 3",
                       "a 1 x",
                       "a{x=\"1\",x=\"2\"} 1",
                       "a{__name__=\"b\"} 1",
                       "a 0x",
                       "a --1",
                       "a{x=\"\xff\"} 1",
                       "a{,} 1",
                       "a+b 1",
                       "a nan(1)",
                       "a{x=\"1\"y=\"2\"} 1",
                       "{x=\"1\"} 1"};
  for (const char* line : bad) {
    INFO(line);
    auto page = parse_prometheus("good 1\n" + std::string(line) + "\nfine 2\n", web);
    CHECK(page.problem_count == 1);
    REQUIRE(page.problems.size() == 1);
    CHECK(page.problems[0].starts_with("line 2: "));
    CHECK(page.samples() == 2);
  }
}

TEST_CASE("what Prometheus takes is taken") {
  const char* good[] = {"a 1",
                        "a\t1",
                        "  a 1  ",
                        "a{x=\"1\"}1",
                        "a NaN",
                        "a -Inf",
                        "a +1.5e-3",
                        "a:b 1",
                        "_ 1",
                        "a 1 -5",
                        "a{x=\"\xe2\x82\xac\"} 1",
                        "a 1\r",
                        "a .5",
                        "a 5."};
  for (const char* line : good) {
    INFO(line);
    auto page = parse_prometheus(line, web);
    CHECK(page.problems == std::vector<std::string>{});
    CHECK(page.samples() == 1);
  }
}

TEST_CASE("the same series twice is told, the first one counts") {
  auto page = parse_prometheus("a{x=\"1\"} 1\na{x=\"1\"} 2\n", web);
  CHECK(page.problem_count == 1);
  CHECK(text_of(page) == "# TYPE a untyped\na{container=\"web\",x=\"1\"} 1\n");
}

TEST_CASE("comments and empty lines are nothing, broken help is made whole") {
  auto page = parse_prometheus(
      "\n# a comment\n#\n#HELPER\n# HELP a back\\slash \\n and \\\\\n# TYPE a gauge\n\na 1\n# EOF\n", web);
  CHECK(page.problem_count == 0);
  CHECK(text_of(page) == "# HELP a back\\\\slash \\n and \\\\\n# TYPE a gauge\na{container=\"web\"} 1\n");
}

TEST_CASE("a page of a hundred thousand series is one pass") {
  std::string text = "# TYPE big gauge\n";
  for (int i = 0; i < 100'000; ++i) text += "big{i=\"" + std::to_string(i) + "\"} 1\n";
  auto page = parse_prometheus(text, web);
  CHECK(page.samples() == 100'000);
  CHECK(page.problem_count == 0);
}

TEST_CASE("names and label values that are too long are left out by the line, and counted") {
  const std::string name(1024, 'n'), value(4096, 'v');
  CHECK(parse_prometheus(name + "{" + name + "=\"" + value + "\"} 1\n", web).problem_count == 0);
  const auto page = parse_prometheus(
      name + "n 1\na{" + name + "n=\"\"} 1\na{x=\"" + value + "v\"} 1\n# HELP " + name + "n x\nfine 1\n", web);
  CHECK(page.problem_count == 4);
  CHECK(page.left_out.at("nameBytes") == 3);
  CHECK(page.left_out.at("labelBytes") == 1);
  CHECK(text_of(page) == "# TYPE fine untyped\nfine{container=\"web\"} 1\n");
}

TEST_CASE("a page of more samples, or more to say, than the limits is refused as a whole") {
  PageLimits limits;
  limits.samples = 3;
  CHECK(parse_prometheus("a 1\nb 1\nc 1\n", web, limits).samples() == 3);
  const auto many = parse_prometheus("a 1\nb 1\nc 1\nd 1\n", web, limits);
  CHECK(many.families.empty());
  CHECK(many.left_out.at("samples") == 1);
  limits = {};
  limits.page_bytes = 64 * 1024;
  std::string families, comments, samples;
  for (int i = 0; i < 200; ++i) {
    const std::string name = "a" + std::to_string(i);
    families += name + " 1\n";
    comments += "# TYPE " + name + " gauge\n";
    for (int k = 0; k < 20; ++k) samples += "a{b=\"" + std::to_string(20 * i + k) + "\"} 1\n";
  }
  for (const auto& text : {families, comments, samples, "# HELP a " + std::string(64 * 1024, 'h') + "\na 1\n"}) {
    const auto page = parse_prometheus(text, web, limits);
    CAPTURE(text.size());
    CHECK(page.refused);
    CHECK(page.families.empty());
    CHECK(page.left_out.at("pageBytes") == 1);
  }
}
