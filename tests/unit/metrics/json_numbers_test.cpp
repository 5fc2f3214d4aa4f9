#include "adapter/metrics/json_numbers.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/metrics/text.hpp"

using namespace tandem::metrics;

namespace {

JsonRule rule(const std::string& path, const std::string& name) {
  JsonRule made;
  std::string why;
  made.path = parse_json_path(path, why).value();
  made.path_text = path;
  made.name = name;
  return made;
}

const char* const stats =
    R"({"requests":{"total":12,"byStatus":{"200":10,"404":2}},"queues":[{"name":"a","depth":3},{"name":"b","depth":4}],
        "ok":true,"took_ms":"250","huge":18446744073709551615,"odd key":1,"nothing":null})";

}  // namespace

TEST_CASE("paths are written in two ways") {
  std::string why;
  for (const char* text : {"$.a.b[0]", "$['a'].b[0]", "$[\"a\"]['b'][0]", "/a/b/0"}) {
    INFO(text);
    auto path = parse_json_path(text, why);
    REQUIRE(path);
    REQUIRE(path->size() == 3);
    CHECK((*path)[0].key == "a");
    CHECK((*path)[2].key == "0");
  }
  CHECK(parse_json_path("/a~1b/~0", why)->at(0).key == "a/b");
  CHECK(parse_json_path("$.*[*]", why)->at(1).wildcard);
  CHECK(parse_json_path("$", why)->empty());
  for (const char* text : {"", "a.b", "$a", "$.", "$..a", "$[", "$[]", "$[a]", "$['a]", "/~2"}) {
    INFO(text);
    CHECK_FALSE(parse_json_path(text, why));
  }
}

TEST_CASE("rules name the numbers they find") {
  JsonMapping mapping;
  mapping.rules = {rule("$.requests.total", "app_requests_total"),
                   rule("/took_ms", "app_took_seconds"),
                   rule("$.requests.byStatus.*", "app_responses_total"),
                   rule("$.queues[*].depth", "app_depth"),
                   rule("$.ok", "app_ok"),
                   rule("$.huge", "app_huge")};
  mapping.rules[0].kind = Kind::counter;
  mapping.rules[0].help = "Requests.";
  mapping.rules[1].scale = 0.001;
  mapping.rules[2].labels = {{"status", "$1"}, {"fixed", "yes"}};
  mapping.rules[3].labels = {{"queue", "$1"}};
  auto page = parse_json_numbers(stats, web, mapping);
  CHECK(page.problems == std::vector<std::string>{});
  CHECK(
      text_of(page) ==
      "# TYPE app_depth gauge\napp_depth{container=\"web\",queue=\"0\"} 3\napp_depth{container=\"web\",queue=\"1\"} 4\n"
      "# TYPE app_huge gauge\napp_huge{container=\"web\"} 18446744073709551615\n"
      "# TYPE app_ok gauge\napp_ok{container=\"web\"} 1\n"
      "# HELP app_requests_total Requests.\n# TYPE app_requests_total counter\napp_requests_total{container=\"web\"} "
      "12\n"
      "# TYPE app_responses_total gauge\napp_responses_total{container=\"web\",status=\"200\",fixed=\"yes\"} 10\n"
      "app_responses_total{container=\"web\",status=\"404\",fixed=\"yes\"} 2\n"
      "# TYPE app_took_seconds gauge\napp_took_seconds{container=\"web\"} 0.25\n");
}

TEST_CASE("a rule that finds no number is told, the others stay") {
  JsonMapping mapping;
  mapping.rules = {rule("$.nowhere", "a"), rule("$.nothing", "b"), rule("$.queues[9].depth", "c"),
                   rule("$.requests", "d"), rule("$.requests.total", "e")};
  auto page = parse_json_numbers(stats, web, mapping);
  CHECK(page.problem_count == 4);
  CHECK(page.samples() == 1);
}

TEST_CASE("without rules every number is a gauge named by its path") {
  auto page = parse_json_numbers(stats, web, JsonMapping{{}, "app_"});
  CHECK(page.problem_count == 0);
  auto text = text_of(page);
  for (const char* line :
       {"app_requests_total{container=\"web\"} 12\n", "app_requests_by_status_200{container=\"web\"} 10\n",
        "app_queues_depth{container=\"web\",index=\"1\"} 4\n", "app_ok{container=\"web\"} 1\n",
        "app_odd_key{container=\"web\"} 1\n"}) {
    INFO(text);
    CHECK(text.find(line) != std::string::npos);
  }
  CHECK(text.find("took_ms") == std::string::npos);  // a text, even when it looks like a number
}

TEST_CASE("what is no JSON, too deep or too much is told") {
  CHECK(parse_json_numbers("{", web, {}).problem_count == 1);
  CHECK(parse_json_numbers("", web, {}).problem_count == 1);
  std::string deep;
  for (int i = 0; i < 10'000; ++i) deep += "[";
  deep += "1";
  for (int i = 0; i < 10'000; ++i) deep += "]";
  CHECK(parse_json_numbers(deep, web, {}).problem_count == 1);
  std::string many = "[0";
  for (int i = 1; i < 5000; ++i) many += "," + std::to_string(i);
  auto page = parse_json_numbers(many + "]", web, {});
  CHECK(page.samples() == 2000);
  CHECK(page.problem_count == 1);
}

TEST_CASE("two keys that become one name are told") {
  auto page = parse_json_numbers(R"({"a-b":1,"a_b":2})", web, {});
  CHECK(page.samples() == 1);
  CHECK(page.problem_count == 1);
}

TEST_CASE("a member whose name is too long is left out with all that is in it, and counted") {
  std::string members;
  for (int i = 0; i < 1000; ++i) members += ",\"x" + std::to_string(i) + "\":1";
  const std::string inside = "{" + members.substr(1) + "}";
  for (const std::size_t length : {std::size_t{20'000}, std::size_t{4} << 20}) {
    const auto page = parse_json_numbers(R"({"fine":1,")" + std::string(length, 'k') + "\":" + inside + "}", web, {});
    CHECK(page.samples() == 1);
    CHECK(page.problem_count == 1);
    CHECK(page.left_out.at("nameBytes") == 1);
    CHECK(text_of(page).size() < 200);
  }
}

TEST_CASE("a wildcard's label has a longest value too") {
  JsonMapping mapping;
  mapping.rules = {rule("/a/*/*", "app_a")};
  mapping.rules[0].labels = {{"first", "$1"}, {"second", "$2"}};
  std::string members;
  for (int i = 0; i < 3000; ++i) members += ",\"x" + std::to_string(i) + "\":1";
  const std::string inside = "{" + members.substr(1) + "}";
  const auto page =
      parse_json_numbers(R"({"a":{")" + std::string(100'000, 'k') + "\":" + inside + R"(,"b":{"c":1}}})", web, mapping);
  CHECK(page.left_out.at("labelBytes") == 1);
  CHECK(text_of(page) == "# TYPE app_a gauge\napp_a{container=\"web\",first=\"b\",second=\"c\"} 1\n");
}

TEST_CASE("a document that is too deep, or has too many values, is refused before it is read") {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + "1" + std::string(depth, ']'); };
  CHECK(parse_json_numbers(nested(100), web, {}).samples() == 1);
  for (const std::string& text : {nested(101), std::string(7'000'000, '[')}) {
    const auto page = parse_json_numbers(text, web, {});
    CHECK(page.refused);
    CHECK(page.left_out.at("jsonDepth") == 1);
    CHECK(page.problems == std::vector<std::string>{"it is nested deeper than limits.jsonDepth (100)"});
  }
  PageLimits limits;
  limits.json_values = 5;
  CHECK(parse_json_numbers("[1,\"[,\\\",[\",3,4]", web, {}, limits).samples() == 3);
  CHECK(parse_json_numbers("[1,2,3,4,5]", web, {}, limits).left_out.at("jsonValues") == 1);
}

TEST_CASE("what a rule finds past its limit is counted and told once") {
  JsonMapping mapping;
  mapping.rules = {rule("$[*]", "app_a")};
  mapping.rules[0].labels = {{"i", "$1"}};
  PageLimits limits;
  limits.json_samples = 2;
  const auto page = parse_json_numbers("[1,2,3,4,5]", web, mapping, limits);
  CHECK(page.samples() == 2);
  CHECK(page.left_out.at("jsonSamples") == 3);
  CHECK(page.problem_count == 1);
}
