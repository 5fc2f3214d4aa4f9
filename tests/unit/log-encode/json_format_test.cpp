#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "sidecars/log/encode/json_members.hpp"
#include "tests/unit/log-encode/records.hpp"

using namespace tandem::shipper;
using namespace tandem::test;
using nlohmann::json;

namespace {

std::string time_text(std::int64_t ns, int digits) {
  char text[48];
  return std::string(text, static_cast<std::size_t>(write_time(ns, digits, text) - text));
}

}  // namespace

TEST_CASE("a record is a JSON object a line, its fields in their order after its time") {
  const auto format = make_json_format();
  CHECK(body_of(*format, {{text("source", "app"), literal("offset", "17"), text("message", "a \"b\"\n\xff")},
                          {text("message", "")}}) ==
        "{\"time\":\"2025-11-22T12:00:00.123456Z\",\"source\":\"app\",\"offset\":17,\"message\":\"a "
        "\\\"b\\\"\\n\xEF\xBF\xBD\"}\n"
        "{\"time\":\"2025-11-22T12:00:00.123456Z\",\"message\":\"\"}\n");
}

TEST_CASE("a field named time takes the place of the record's time") {
  const auto format = make_json_format();
  CHECK(body_of(*format, {{text("message", "m"), text("time", "12:00")}}) ==
        "{\"time\":\"12:00\",\"message\":\"m\"}\n");
}

TEST_CASE("a field that is JSON already is copied, not escaped again") {
  Field known = text("message", "a\"b");
  known.member = R"("message":"a\u0022b")";
  const auto format = make_json_format();
  const auto body = body_of(*format, {{known, literal("deep", R"({"a":[1,null]})")}});
  CHECK(body.find(R"("message":"a\u0022b")") != std::string::npos);
  CHECK(json::parse(body)["deep"]["a"][0] == 1);
}

TEST_CASE("members that lie one behind the other are written as if they did not") {
  const std::string_view line = R"({"a":1,"time":"t","b":2, "c":3,"d":4})";
  const auto format = make_json_format();
  const auto member = [&](std::string_view name, std::string_view bytes) {
    const std::size_t at = line.find(bytes);
    REQUIRE(at != line.npos);
    return Field{name, "", true, line.substr(at, bytes.size())};
  };
  const Field a = member("a", R"("a":1)"), t = member("time", R"("time":"t")"), b = member("b", R"("b":2)"),
              c = member("c", R"("c":3)"), d = member("d", R"("d":4)");
  const std::string start = R"({"time":"2025-11-22T12:00:00.123456Z",)";
  CHECK(body_of(*format, {{a, t, b, c, d}}) == "{\"time\":\"t\",\"a\":1,\"b\":2,\"c\":3,\"d\":4}\n");
  CHECK(body_of(*format, {{a, b, d}}) == start + "\"a\":1,\"b\":2,\"d\":4}\n");
  CHECK(body_of(*format, {{d, c, b, a}}) == start + "\"d\":4,\"c\":3,\"b\":2,\"a\":1}\n");
  CHECK(body_of(*format, {{c, text("x", "y"), d}}) == start + "\"c\":3,\"x\":\"y\",\"d\":4}\n");
}

TEST_CASE("long records are the same as short ones") {
  const std::string long_text(1'000'000, '\x01'), name(5000, 'n');
  const auto format = make_json_format();
  const auto record = json::parse(body_of(*format, {{text("time", "t"), text(name, long_text), literal("n", "1")}}));
  CHECK(record[name] == long_text);
  CHECK(record["n"] == 1);
  CHECK(record.size() == 3);
}

TEST_CASE("a record without fields is its time") {
  const auto format = make_json_format();
  CHECK(body_of(*format, {{}}) == "{\"time\":\"2025-11-22T12:00:00.123456Z\"}\n");
}

TEST_CASE("raw is the message and a newline, whatever else is known") {
  const auto format = make_raw_format();
  CHECK(body_of(*format, {{text("source", "app"), text("message", "a\"\xff")}, {text("source", "app")}}) ==
        "a\"\xff\n\n");
}

TEST_CASE("times are written to the microsecond or nanosecond, before 1970 too") {
  CHECK(time_text(noon_ns, 6) == "2025-11-22T12:00:00.123456Z");
  CHECK(time_text(noon_ns, 9) == "2025-11-22T12:00:00.123456789Z");
  CHECK(time_text(noon_ns + 1'000'000'000, 9) == "2025-11-22T12:00:01.123456789Z");
  CHECK(time_text(0, 9) == "1970-01-01T00:00:00.000000000Z");
  CHECK(time_text(-1, 9) == "1969-12-31T23:59:59.999999999Z");
}
