#include <catch2/catch.hpp>

#include "core/os/error.hpp"
#include "tests/unit/log-transforms/transforms.hpp"

using namespace tandem;
using tests::make_transform;

namespace {

bool has_line(observe::Metrics& metrics, const std::string& line) {
  return ("\n" + metrics.text()).find("\n" + line + "\n") != std::string::npos;
}

void request(shipper::Event& event, std::string_view status, std::string_view took, std::string_view bytes) {
  event.clear();
  event.set("status", status, true);
  event.set("took", took);
  event.set("bytes", bytes, true);
}

}  // namespace

TEST_CASE("metrics counts records, adds fields and observes them, each sink for itself") {
  observe::Metrics metrics({});
  const std::string yaml =
      "{counters: [{name: web_requests_total, help: Requests., labels: {code: status}},"
      "            {name: web_errors_total, when: 'status >= 500'},"
      "            {name: web_bytes_total, add: bytes}],"
      " histograms: [{name: web_took_seconds, field: took, buckets: [0.1, 1]}]}";
  auto one = make_transform("metrics", yaml, &metrics, "one"), two = make_transform("metrics", yaml, &metrics, "two");
  REQUIRE(one.problems == "");
  CHECK(has_line(metrics, "web_errors_total{sink=\"one\"} 0"));
  shipper::Event event;
  for (const char* status : {"200", "200", "503"}) {
    request(event, status, status[0] == '2' ? "0.05" : "0.5", "100");
    CHECK(one.apply(event));
    CHECK(tests::show(event).starts_with("status:"));
  }
  request(event, "200", "-", "null");
  CHECK(two.apply(event));
  CHECK(has_line(metrics, "# HELP web_requests_total Requests."));
  CHECK(has_line(metrics, "# TYPE web_took_seconds histogram"));
  CHECK(has_line(metrics, "web_requests_total{code=\"200\",sink=\"one\"} 2"));
  CHECK(has_line(metrics, "web_requests_total{code=\"503\",sink=\"one\"} 1"));
  CHECK(has_line(metrics, "web_requests_total{code=\"200\",sink=\"two\"} 1"));
  CHECK(has_line(metrics, "web_errors_total{sink=\"one\"} 1"));
  CHECK(has_line(metrics, "web_bytes_total{sink=\"one\"} 300"));
  CHECK(has_line(metrics, "web_bytes_total{sink=\"two\"} 0"));
  CHECK(has_line(metrics, "web_took_seconds_bucket{sink=\"one\",le=\"0.1\"} 2"));
  CHECK(has_line(metrics, "web_took_seconds_count{sink=\"one\"} 3"));
  CHECK(has_line(metrics, "web_took_seconds_count{sink=\"two\"} 0"));
}

TEST_CASE("metrics has at most a thousand series of one metric, and counts the others together") {
  observe::Metrics metrics({});
  auto made = make_transform("metrics", "counters: [{name: ids_total, labels: {id: status, b: took}}]", &metrics);
  REQUIRE(made.problems == "");
  shipper::Event event;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 1500; ++i) {
      request(event, std::to_string(i), "x", "0");
      event.set("status", event.keep(std::to_string(i)));
      CHECK(made.apply(event));
    }
  }
  CHECK(metrics.series("ids_total") == 1001);
  CHECK(has_line(metrics, "ids_total{id=\"999\",b=\"x\",sink=\"out\"} 2"));
  CHECK(has_line(metrics, "ids_total{id=\"other\",b=\"other\",sink=\"out\"} 1000"));
}

TEST_CASE("metrics makes label values that Prometheus can read of any bytes, and tells where one ends") {
  observe::Metrics metrics({});
  auto made = make_transform("metrics", "counters: [{name: x_total, labels: {a: status, b: took}}]", &metrics);
  shipper::Event event;
  request(event, "a\xff\"\n", "", "0");
  CHECK(made.apply(event));
  request(event, "a", "b", "0");
  CHECK(made.apply(event));
  request(event, "ab", "", "0");
  CHECK(made.apply(event));
  request(event, std::string(10000, 'z'), "", "0");
  event.set("status", event.keep(std::string(10000, 'z')));
  CHECK(made.apply(event));
  CHECK(has_line(metrics, "x_total{a=\"a\xEF\xBF\xBD\\\"\\n\",b=\"\",sink=\"out\"} 1"));
  CHECK(has_line(metrics, "x_total{a=\"a\",b=\"b\",sink=\"out\"} 1"));
  CHECK(has_line(metrics, "x_total{a=\"ab\",b=\"\",sink=\"out\"} 1"));
  CHECK(has_line(metrics, "x_total{a=\"" + std::string(256, 'z') + "\",b=\"\",sink=\"out\"} 1"));
}

TEST_CASE("metrics counts nothing that is no number, infinite, or less than nothing") {
  observe::Metrics metrics({});
  auto made = make_transform(
      "metrics", "{counters: [{name: c_total, add: took}], histograms: [{name: h, field: took}]}", &metrics);
  shipper::Event event;
  for (const char* took : {"-1", "1e999", "nan", "", "12ms"}) {
    request(event, "200", took, "0");
    CHECK(made.apply(event));
  }
  CHECK(has_line(metrics, "c_total{sink=\"out\"} 0"));
  CHECK(has_line(metrics, "h_count{sink=\"out\"} 1"));
  CHECK(has_line(metrics, "h_sum{sink=\"out\"} -1"));
}

TEST_CASE("metrics of one name and shape are shared, of another shape refused, and need no place to be shown") {
  observe::Metrics metrics({{"taken_total", observe::MetricType::counter, "Somebody's.", {"x"}}});
  CHECK(make_transform("metrics", "counters: [{name: a_total}]", &metrics).transform);
  CHECK(make_transform("metrics", "counters: [{name: a_total}]", &metrics).transform);
  CHECK_THROWS_WITH(make_transform("metrics", "histograms: [{name: a_total, field: x}]", &metrics),
                    Catch::Contains("it is there with another type, other labels or buckets"));
  CHECK_THROWS_AS(make_transform("metrics", "counters: [{name: taken_total}]", &metrics), Error);
  auto alone = make_transform("metrics", "counters: [{name: a_total}]");
  shipper::Event event;
  CHECK(alone.apply(event));
}

TEST_CASE("metrics says what is wrong with names, labels, buckets and conditions") {
  const auto problems = [](const std::string& yaml) { return make_transform("metrics", yaml).problems; };
  CHECK(problems("{}").find("at least one of counters and histograms is needed") != std::string::npos);
  CHECK(problems("counters: [{}]").find("the field \"name\" is missing") != std::string::npos);
  CHECK(problems("counters: [{name: 1x-y}]").find("\"1x-y\" is no name of a metric") != std::string::npos);
  CHECK(problems("counters: [{name: tandem_log_records_total}]").find("are tandem-log's own") != std::string::npos);
  CHECK(problems("counters: [{name: process_x}]").find("are tandem-log's own") != std::string::npos);
  CHECK(
      problems("{counters: [{name: h_sum}], histograms: [{name: h, field: f}]}").find("the name \"h_sum\" is taken") !=
      std::string::npos);
  CHECK(problems("counters: [{name: a, labels: {sink: x}}]").find("the label \"sink\" is reserved") !=
        std::string::npos);
  CHECK(problems("counters: [{name: a, labels: {a-b: x}}]").find("\"a-b\" is no name of a label") != std::string::npos);
  CHECK(problems("counters: [{name: a, when: x}]").find("counters[0].when: at character 2") != std::string::npos);
  CHECK(problems("counters: [{name: a, lables: {}}]").find("did you mean \"labels\"?") != std::string::npos);
  CHECK(problems("histograms: [{name: h}]").find("the field \"field\" is missing") != std::string::npos);
  for (const char* buckets : {"[]", "[1, 1]", "[2, 1]", "[a]", "5"})
    CHECK(problems(std::string("histograms: [{name: h, field: f, buckets: ") + buckets + "}]")
              .find("1 to 100 rising numbers are wanted") != std::string::npos);
}
