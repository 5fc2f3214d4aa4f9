#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <set>

#include "sidecars/log/encode/loki_format.hpp"
#include "tests/unit/log-encode/records.hpp"

using namespace tandem::shipper;
using namespace tandem::test;
using nlohmann::json;

namespace {

LokiFormat labelled(std::initializer_list<std::pair<const char*, const char*>> labels) {
  LokiFormat format;
  std::string problem;
  for (const auto& [name, value] : labels)
    format.labels.emplace_back(name, TextTemplate::parse(value, false, problem).value());
  return format;
}

std::int64_t time_at(DistinctTimes& times, std::int64_t ns, std::uint64_t offset) {
  Event event;
  fill(event, {}, offset, ns);
  return times.time_of(event);
}

}  // namespace

TEST_CASE("records of one label set that follow each other share a stream") {
  const auto format = make_loki_format(labelled({{"app", "${source}"}, {"cluster", "a$${b}\""}, {"pod", "${pod}"}}));
  const auto push = json::parse(body_of(*format, {{text("source", "x"), text("message", "one")},
                                                  {text("source", "x"), text("message", "t\xff\"o")},
                                                  {text("source", "y"), text("message", "three")},
                                                  {text("source", "x"), text("message", "four")}}));
  CHECK(push == json::parse(R"({"streams":[
      {"stream":{"app":"x","cluster":"a${b}\""},"values":[["1763812800123456789","one"],["1763812800123456790","t�\"o"]]},
      {"stream":{"app":"y","cluster":"a${b}\""},"values":[["1763812800123456791","three"]]},
      {"stream":{"app":"x","cluster":"a${b}\""},"values":[["1763812800123456792","four"]]}]})"));
}

TEST_CASE("a body is the same each time it is made") {
  const auto format = make_loki_format(labelled({{"app", "${source}"}}));
  const std::vector<std::vector<Field>> records{{text("message", "a")}, {text("message", "a")}};
  const auto first = body_of(*format, records);
  CHECK(body_of(*format, records) == first);
}

TEST_CASE("no records are no body") {
  const auto format = make_loki_format({});
  CHECK(body_of(*format, {}).empty());
}

TEST_CASE("a record without any label has one all the same") {
  const auto format = make_loki_format(labelled({{"pod", "${pod}"}}));
  const auto push = json::parse(body_of(*format, {{text("message", "m")}}));
  CHECK(push["streams"][0]["stream"] == json{{"job", "tandem-log"}});
}

TEST_CASE("structured metadata are strings, and only of fields that are there") {
  auto settings = labelled({{"app", "a"}});
  settings.metadata = {"status", "absent", "user"};
  const auto format = make_loki_format(settings);
  const auto push = json::parse(
      body_of(*format, {{text("message", "m"), literal("status", "200"), text("user", "\"")}, {text("message", "n")}}));
  const auto& values = push["streams"][0]["values"];
  CHECK(values[0][2] == json::parse(R"({"status":"200","user":"\""})"));
  CHECK(values[1].size() == 2);
}

TEST_CASE("a line can be the whole record, and is where there is no message") {
  auto settings = labelled({{"app", "a"}});
  const bool whole = GENERATE(true, false);
  settings.whole_record = whole;
  const auto format = make_loki_format(settings);
  const auto push =
      json::parse(body_of(*format, {{literal("status", "200"), text("message", "\xff\"")}, {text("k", "v")}}));
  const auto& values = push["streams"][0]["values"];
  if (whole) {
    const auto record = json::parse(values[0][1].get<std::string>());
    CHECK(record["message"] == "\xEF\xBF\xBD\"");
    CHECK(record["status"] == 200);
  } else {
    CHECK(values[0][1] == "\xEF\xBF\xBD\"");
  }
  CHECK(json::parse(values[1][1].get<std::string>())["k"] == "v");
}

TEST_CASE("labels have names that Loki takes") {
  for (const char* good : {"a", "_x9", "Zone", "__a"}) CHECK(is_label_name(good));
  for (const char* bad : {"", "9a", "a-b", "a.b", "__name__", "\xC3\xA4"}) CHECK_FALSE(is_label_name(bad));
}

TEST_CASE("equal lines of one second keep times of their own, in their order") {
  DistinctTimes times;
  const std::int64_t second = 1'763'812'800'000'000'000;
  std::set<std::int64_t> seen;
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    const auto time = time_at(times, second, i * 100);  // lines of a hundred bytes: a megabyte
    CHECK((time >= second && time < second + 1'000'000));
    seen.insert(time);
  }
  CHECK(seen.size() == 10'000);
  CHECK(time_at(times, second, 300) == time_at(times, second, 300));  // when it comes again
}

TEST_CASE("equal times to the microsecond stay within it, and those to the nanosecond are counted up") {
  DistinctTimes times;
  const std::int64_t micro = 1'763'812'800'000'001'000;
  CHECK(time_at(times, micro, 0) != time_at(times, micro, 100));
  CHECK(time_at(times, micro, 12'345'678) < micro + 1'000);
  CHECK(time_at(times, noon_ns, 5) == noon_ns);
  CHECK(time_at(times, noon_ns, 6) == noon_ns + 1);
  CHECK(time_at(times, noon_ns + 500, 7) == noon_ns + 500);
  times.start();
  CHECK(time_at(times, noon_ns + 500, 7) == noon_ns + 500);
}
