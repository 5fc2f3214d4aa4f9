#include "adapter/metrics/settings.hpp"

#include <catch2/catch.hpp>

#include "adapter/metrics/format.hpp"
#include "adapter/metrics/program.hpp"
#include "core/run/load.hpp"

using namespace tandem;
using namespace tandem::metrics;
using namespace std::chrono_literals;

namespace {

const char* const everything = R"(listen: ["127.0.0.1:0", "unix:/tmp/x.sock"]
timeout: 2s
limits: {answerBytes: 1Mi, pageBytes: 2Mi, nameBytes: 100, labelBytes: 200, samples: 3, jsonDepth: 4, jsonValues: 5, jsonSamples: 6}
sources:
- {name: web, type: nginx, url: "http://127.0.0.1/status", required: false}
- name: app
  type: json
  url: http://127.0.0.1:8080/stats
  container: main
  labels: {zone: a}
  timeout: 500ms
  prefix: app_
  map:
  - {path: $.q.*.ms, name: q_seconds, type: gauge, help: Waits., scale: 0.001, labels: {q: "$1"}}
- {name: cache, type: redis, address: "127.0.0.1:6379", password: secret}
admin: {listen: "127.0.0.1:0"}
)";

Document parse(const std::string& text) {
  Problems problems;
  auto documents = parse_yaml(text, "m.yaml", problems);
  CHECK(problems.text() == "");
  return documents.at(0);
}

std::string problems_of(const std::string& text) {
  Problems problems;
  run::check_config(program(), parse(text), problems);
  return problems.text();
}

}  // namespace

TEST_CASE("a config that uses every key of the table is read") {
  auto config = parse(everything);
  CHECK(run::unused_keys(config, config_table()).empty());
  CHECK(problems_of(everything) == "");
  Problems problems;
  auto settings = read_settings(config, problems);
  REQUIRE(settings.sources.size() == 3);
  CHECK(settings.listen.size() == 2);
  CHECK(settings.sources[0]->labels.text() == "container=\"web\"");
  CHECK(settings.sources[0]->timeout == 2s);
  CHECK_FALSE(settings.sources[0]->required);
  CHECK(settings.sources[1]->labels.text() == "container=\"main\",zone=\"a\"");
  CHECK(settings.sources[1]->timeout == 500ms);
  CHECK(settings.sources[1]->mapping.rules.at(0).scale == 0.001);
  CHECK(settings.sources[2]->format->type == "redis");
  CHECK(settings.answer_bytes == 1 << 20);
  const PageLimits& limits = settings.sources[2]->limits;
  CHECK(limits.page_bytes == 2 << 20);
  CHECK(limits.name_bytes == 100);
  CHECK(limits.label_bytes == 200);
  CHECK(limits.samples == 3);
  CHECK(limits.json_depth == 4);
  CHECK(limits.json_values == 5);
  CHECK(limits.json_samples == 6);
}

TEST_CASE("the program's own example is fine") { CHECK(problems_of(program().example) == ""); }

TEST_CASE("every mistake is told at its place") {
  auto text = problems_of(R"(listen: here
sources:
- {name: a, type: nginks, url: "http://x/"}
- {name: b, type: nginx, url: "nowhere"}
- {name: b, type: redis, url: "http://x/"}
- {name: c, type: json, url: "https://x/", labels: {container: x, "1": y, le: z}, map: [{path: x, name: "1"}]}
- {name: d, url: "http://x/"}
)");
  for (const char* part :
       {"m.yaml:1:9: listen: \"here\" is not HOST:PORT", "did you mean \"nginx\"?", "\"nowhere\" is no absolute URL",
        "another source is called \"b\" too", "the field \"address\" is missing", "unknown field \"url\"",
        "https is not there yet", "use the key container", "\"1\" is no label name", "\"le\" is taken",
        "starts with neither $ nor /", "\"1\" is no metric name", "the field \"type\" is missing"}) {
    INFO(text);
    CHECK(text.find(part) != std::string::npos);
  }
}

TEST_CASE("limits that are none are told") {
  const auto text = problems_of(
      "sources: []\nlimits: {answerBytes: 1, pageBytes: 1Ki, nameBytes: 1, labelBytes: 1, samples: 0, "
      "jsonDepth: 1001, jsonValues: 0, jsonSamples: 0}\n");
  for (const char* key :
       {"answerBytes", "pageBytes", "nameBytes", "labelBytes", "samples", "jsonDepth", "jsonValues", "jsonSamples"}) {
    INFO(text);
    CHECK(text.find(std::string("limits.") + key + ": ") != std::string::npos);
  }
}

TEST_CASE("an empty config misses its sources") {
  CHECK(problems_of("listen: \":0\"\n").find("\"sources\" is missing") != std::string::npos);
}

TEST_CASE("the time for a scrape stays below Prometheus'") {
  std::string ten = "10", tiny = "0.1", huge = "1e9", nonsense = "soon", negative = "-1", half = "0.5";
  CHECK(scrape_limit(nullptr, 5s) == 5s);
  CHECK(scrape_limit(&ten, 30s) == 9500ms);
  CHECK(scrape_limit(&ten, 5s) == 5s);
  CHECK(scrape_limit(&half, 5s) == 425ms);
  CHECK(scrape_limit(&tiny, 5s) == 85ms);
  for (auto* senseless : {&huge, &nonsense, &negative}) CHECK(scrape_limit(senseless, 5s) == 5s);
}
