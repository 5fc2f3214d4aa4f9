#include "core/observe/metrics.hpp"

#include <catch2/catch.hpp>
#include <limits>
#include <thread>

#include "core/os/error.hpp"

using namespace tandem;
using namespace tandem::observe;

namespace {

MetricTable table() {
  return {
      {"b_total", MetricType::counter, "Things with \\ and\nlines.", {"who", "what"}},
      {"a_bytes", MetricType::gauge, "Size."},
      {"c_seconds", MetricType::histogram, "Time.", {"op"}, {0.1, 1}},
  };
}

}  // namespace

TEST_CASE("the page has each family once, sorted, escaped, and families without labels from the start") {
  Metrics metrics(table());
  CHECK(metrics.text() == "# HELP a_bytes Size.\n# TYPE a_bytes gauge\na_bytes 0\n");
  metrics.counter("b_total", {"x\"y", "line\nend\\"}).add(2);
  metrics.gauge("a_bytes").set(-1.5);
  auto& time = metrics.histogram("c_seconds", {"read"});
  time.observe(0.1);
  time.observe(0.5);
  time.observe(7);
  CHECK(
      metrics.text() ==
      "# HELP a_bytes Size.\n# TYPE a_bytes gauge\na_bytes -1.5\n"
      "# HELP b_total Things with \\\\ and\\nlines.\n# TYPE b_total counter\n"
      "b_total{who=\"x\\\"y\",what=\"line\\nend\\\\\"} 2\n"
      "# HELP c_seconds Time.\n# TYPE c_seconds histogram\n"
      "c_seconds_bucket{op=\"read\",le=\"0.1\"} 1\nc_seconds_bucket{op=\"read\",le=\"1\"} 2\n"
      "c_seconds_bucket{op=\"read\",le=\"+Inf\"} 3\nc_seconds_sum{op=\"read\"} 7.6\nc_seconds_count{op=\"read\"} 3\n");
}

TEST_CASE("a series keeps its place and can be removed") {
  Metrics metrics(table());
  auto& first = metrics.counter("b_total", {"a", "b"});
  for (int i = 0; i < 100; ++i) metrics.counter("b_total", {"x", std::to_string(i)});
  CHECK(&metrics.counter("b_total", {"a", "b"}) == &first);
  metrics.remove("b_total", {"a", "b"});
  CHECK(metrics.text().find("who=\"a\"") == std::string::npos);
}

TEST_CASE("what is not in the table is a bug that says so") {
  Metrics metrics(table());
  CHECK_THROWS_AS(metrics.counter("nothing"), Error);
  CHECK_THROWS_AS(metrics.gauge("b_total", {"a", "b"}), Error);
  CHECK_THROWS_AS(metrics.counter("b_total", {"a"}), Error);
  CHECK_THROWS_AS(metrics.declare(table()), Error);
}

TEST_CASE("gauges are brought up to date before each page") {
  Metrics metrics(table());
  int calls = 0;
  metrics.on_collect([&] { metrics.gauge("a_bytes").set(++calls); });
  CHECK(metrics.text().find("a_bytes 1\n") != std::string::npos);
  CHECK(metrics.text().find("a_bytes 2\n") != std::string::npos);
}

TEST_CASE("numbers read back as they were") {
  CHECK(format_number(0) == "0");
  CHECK(format_number(1e15) == "1000000000000000");
  CHECK(format_number(1.5e300) == "1.5e+300");
  CHECK(format_number(0.1) == "0.1");
  CHECK(format_number(123456789012345.0) == "123456789012345");
  CHECK(format_number(std::numeric_limits<double>::infinity()) == "+Inf");
  CHECK(format_number(-std::numeric_limits<double>::infinity()) == "-Inf");
  CHECK(format_number(std::numeric_limits<double>::quiet_NaN()) == "NaN");
}

TEST_CASE("one thread counts while another reads") {
  Metrics metrics(table());
  auto& counter = metrics.counter("b_total", {"a", "b"});
  std::thread writer([&] {
    for (int i = 0; i < 100'000; ++i) counter.add();
  });
  double last = 0;
  for (int i = 0; i < 100; ++i) {
    metrics.text();
    CHECK(counter.value() >= last);
    last = counter.value();
  }
  writer.join();
  CHECK(counter.value() == 100'000);
}

TEST_CASE("the process tells its own numbers") {
  Metrics metrics{MetricTable()};
  add_process_metrics(metrics, "test", "1.2.3");
  auto text = metrics.text();
  CHECK(text.find("tandem_build_info{program=\"test\",version=\"1.2.3\"} 1\n") != std::string::npos);
  CHECK(metrics.gauge("process_resident_memory_bytes").value() > 100'000);
  CHECK(metrics.gauge("process_open_fds").value() >= 3);
  CHECK(metrics.gauge("process_start_time_seconds").value() > 1.7e9);
  CHECK(metrics.counter("process_cpu_seconds_total").value() > 0);
}

TEST_CASE("label values that are no UTF-8 are repaired: Prometheus refuses a page with one such byte") {
  Metrics metrics(table());
  metrics.counter("b_total", {"/logs/\xff.log", "\xc3\xa9\xed\xa0\x80"}).add();
  CHECK(metrics.text().find(
            "b_total{who=\"/logs/\xef\xbf\xbd.log\",what=\"\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"} 1\n") !=
        std::string::npos);
  metrics.remove("b_total", {"/logs/\xff.log", "\xc3\xa9\xed\xa0\x80"});
  CHECK(metrics.series("b_total") == 0);
}
