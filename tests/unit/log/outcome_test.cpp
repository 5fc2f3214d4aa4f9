#include <catch2/catch.hpp>

#include "sidecars/log/dead_letter.hpp"
#include "sidecars/log/settings.hpp"
#include "sidecars/log/sinks/outcome.hpp"

using namespace tandem;
using namespace tandem::shipper;
using namespace std::chrono_literals;

namespace {

const auto now = std::chrono::system_clock::from_time_t(784'111'777);  // Sun, 06 Nov 1994 08:49:37 GMT

std::string problems_of(const std::string& text) {
  Problems problems;
  const auto documents = parse_yaml(text, "c", problems);
  if (!documents.empty()) decode_settings(documents[0], problems);
  return problems.text();
}

}  // namespace

TEST_CASE("a status decides what becomes of a batch") {
  const auto verdict = [](int status) { return judge_http(status, "", "", now).verdict; };
  CHECK(verdict(200) == Verdict::delivered);
  CHECK(verdict(204) == Verdict::delivered);
  CHECK(verdict(301) == Verdict::retry_later);
  for (int status : {408, 429, 500, 502, 503, 504}) CHECK(verdict(status) == Verdict::retry_later);
  for (int status : {400, 401, 404, 413, 422}) CHECK(verdict(status) == Verdict::rejected);
  CHECK(judge_http(400, "", "no such index\r\nmore", now).reason == "HTTP 400: no such index");
  CHECK(judge_http(413, "", "", now).reason.ends_with("; it takes smaller bodies only: lower batch.maxBytes"));
}

TEST_CASE("Retry-After is seconds or a date, and has a limit") {
  CHECK(parse_retry_after("7", now) == 7s);
  CHECK(parse_retry_after("Sun, 06 Nov 1994 08:50:07 GMT", now) == 30s);
  CHECK(parse_retry_after("Sun, 06 Nov 1994 08:00:00 GMT", now) == 0s);
  CHECK(parse_retry_after("99999999999", now) == 5min);
  CHECK_FALSE(parse_retry_after("soon", now));
  CHECK_FALSE(parse_retry_after("-1", now));
}

TEST_CASE("waits double up to a cap, lower where nobody listens, and never less than was asked for") {
  Outcome busy(Verdict::retry_later, "HTTP 503"), away = busy;
  away.unreachable = true;
  CHECK(retry_ceiling(busy, 0) == 100ms);
  CHECK(retry_ceiling(busy, 3) == 800ms);
  CHECK(retry_ceiling(busy, 60) == 30s);
  CHECK(retry_ceiling(away, 60) == 1s);
  CHECK(retry_delay(busy, 3, 0.5) == 400ms);
  busy.retry_after = 2s;
  CHECK(retry_delay(busy, 0, 0.9) == 2s);
}

TEST_CASE("dead letters are newline JSON with the reason, whatever the records were") {
  Batch batch;
  batch.id = "b";
  batch.body.append("{\"a\":1}\n{}\n");
  Buffer out;
  append_dead_letters(batch, BodyKind::json_lines, "out", "HTTP 400: \"x\"", out);
  CHECK(out.view() ==
        "{\"reason\":\"HTTP 400: \\\"x\\\"\",\"sink\":\"out\",\"batch\":\"b\",\"record\":{\"a\":1}}\n"
        "{\"reason\":\"HTTP 400: \\\"x\\\"\",\"sink\":\"out\",\"batch\":\"b\",\"record\":{}}\n");
  Buffer raw;
  append_dead_letters(batch, BodyKind::lines, "out", "r", raw);
  CHECK(raw.view().find("\"record\":\"{\\\"a\\\":1}\"}\n") != std::string::npos);
}

TEST_CASE("a config is checked as a whole, with every problem at once") {
  CHECK(problems_of("sources: [{name: app, type: files, paths: [/logs/*.log]}]\nstate: {dir: /state}\n"
                    "sinks: [{name: out, type: http, url: 'http://x/in', from: [app]}]") == "");
  const auto text = problems_of(
      "sources: [{name: app, paths: [logs]}, {name: app, paths: [/a]}]\n"
      "transforms: [{name: t, type: jsn, when: 'a =='}]\n"
      "sinks: [{name: out, type: kfka, from: [ap], when: 'level = 1', transforms: [x]}, {name: up, type: http, url: "
      "'ftp://x'}]\n"
      "limits: {line: 1}\n");
  for (const char* part :
       {"not absolute", "is taken", "\"jsn\" is none of", "\"kfka\" is none of", "transforms[0].when: at character",
        "sinks[0].when: at character", "no transform is called \"x\"",
        "no source is called \"ap\"; did you mean \"app\"?", "\"dir\" is missing", "must be from 1Ki to 64Mi"}) {
    INFO(text);
    CHECK(text.find(part) != std::string::npos);
  }
}

TEST_CASE("a file sink may not write what a source reads") {
  CHECK(problems_of("sources: [{name: app, paths: [/logs/*.log]}]\nstate: {dir: /s}\n"
                    "sinks: [{name: out, type: file, path: /logs/out.log}]")
            .find("reads") != std::string::npos);
}
