// The transforms: what becomes of the record around what was parsed.
#include <catch2/catch.hpp>

#include "tests/unit/log-parsers/configured.hpp"
#include "tests/unit/log-parsers/shown.hpp"

using namespace tandem::shipper;

namespace {

struct Applied : Configured {
  using Configured::Configured;
  Event event;

  // The record {source, message} after it; "dropped", when it goes no further.
  std::string of(std::string_view message) {
    event.clear();
    event.time_ns = 7;
    event.set("source", "app");
    event.set("message", message);
    return transform->apply(event) ? shown(event.fields) : "dropped";
  }
};

}  // namespace

TEST_CASE("A parsed message gives way to its fields", "[log]") {
  Applied json("json", "{}");
  CHECK(json.of(R"({"a":1,"b":"x"})") == "source=app|a:1|b=x");
  CHECK(json.of(R"({"message":"inner","source":2})") == "source:2|message=inner");
  CHECK(json.of("{}") == "source=app");
  CHECK(json.failures() == 0);
}

TEST_CASE("A message that cannot be parsed stays, or is dropped, and is counted", "[log]") {
  Applied keeping("json", "{}");
  CHECK(keeping.of("plain words") == "source=app|message=plain words");
  CHECK(keeping.failures() == 1);
  Applied dropping("logfmt", "{onFailure: drop}");
  CHECK(dropping.of("plain words") == "dropped");
  CHECK(dropping.of("a=1") == "source=app|a=1");
  CHECK(dropping.failures() == 1);
}

TEST_CASE("A record without the field to parse passes as it is", "[log]") {
  Applied json("json", "{field: log, onFailure: drop}");
  CHECK(json.of("{\"a\":1}") == "source=app|message={\"a\":1}");
  CHECK(json.failures() == 0);
}

TEST_CASE("The parsed field is kept when that is wanted", "[log]") {
  Applied json("json", "{keep: true}");
  CHECK(json.of(R"({"a":1})") == R"(source=app|message={"a":1}|a:1)");
}

TEST_CASE("All that was found can be one object", "[log]") {
  Applied json("json", "{into: app}");
  CHECK(json.of(R"({"a":1,"b" : "\u00e4"})") == R"(source=app|app:{"a":1,"b" : "\u00e4"})");
  CHECK(json.event.find("app")->member == R"("app":{"a":1,"b" : "\u00e4"})");
  CHECK(json.of("{}") == "source=app|app:{}");
  Applied logfmt("logfmt", "{into: message}");
  CHECK(logfmt.of("a=\"x\\\"y\" b") == R"(source=app|message:{"a":"x\"y","b":true})");
  Applied same("logfmt", "{into: \"a\\\"b\", keep: true}");
  CHECK(same.of("a=\xff") == "source=app|message=a=\xff|a\"b:{\"a\":\"\xef\xbf\xbd\"}");
}

TEST_CASE("A time that was found becomes the record's", "[log]") {
  Applied json("json", "{time: {field: ts}}");
  CHECK(json.of(R"({"ts":"1970-01-01T00:00:01.5Z","a":1})") == "source=app|a:1");
  CHECK(json.event.time_ns == 1'500'000'000);
  CHECK(json.of(R"({"a":1})") == "source=app|a:1");
  CHECK(json.event.time_ns == 7);
  CHECK(json.failures() == 0);
  CHECK(json.of(R"({"ts":"soon","a":1})") == "source=app|ts=soon|a:1");
  CHECK(json.event.time_ns == 7);
  CHECK(json.failures() == 1);
}

TEST_CASE("A time may be a number, and be found in what becomes an object", "[log]") {
  Applied json("json", "{into: app, time: {field: ts, format: unix_ms}}");
  CHECK(json.of(R"({"ts":1500,"a":1})") == R"(source=app|app:{"a":1})");
  CHECK(json.event.time_ns == 1'500'000'000);
}

TEST_CASE("Access logs go by three names", "[log]") {
  for (const char* const type : {"combined", "nginx", "apache"}) {
    Applied access(type, "{time: {field: time_local, format: clf}}");
    CHECK(access.of(R"(::1 - - [01/Jan/1970:00:00:02 +0000] "GET / HTTP/1.1" 200 5 "-" "curl/8")") ==
          "source=app|remote_addr=::1|method=GET|path=/|protocol=HTTP/1.1|status:200|body_bytes_sent:5|"
          "http_user_agent=curl/8");
    CHECK(access.event.time_ns == 2'000'000'000);
  }
}

TEST_CASE("A regular expression's groups become fields", "[log]") {
  Applied regex("regex", "{pattern: '^(?P<level>\\w+) (?P<ms>\\d+)', types: {ms: number}}");
  CHECK(regex.of("INFO 5 ms") == "source=app|level=INFO|ms:5");
  CHECK(regex.of("INFO") == "source=app|message=INFO");
  CHECK(regex.failures() == 1);
}

TEST_CASE("A time in a field of the record becomes the record's", "[log]") {
  Applied time("time", "{field: message, format: \"%Y-%m-%d\", zone: \"+01:00\"}");
  CHECK(time.of("1970-01-01") == "source=app");
  CHECK(time.event.time_ns == -3600 * 1'000'000'000LL);
  CHECK(time.of("x") == "source=app|message=x");
  CHECK(time.event.time_ns == 7);
  CHECK(time.failures() == 1);
  Applied strict("time", "{field: message, keep: true, onFailure: drop}");
  CHECK(strict.of("1970-01-01T00:00:01Z") == "source=app|message=1970-01-01T00:00:01Z");
  CHECK(strict.of("x") == "dropped");
}
