#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "sidecars/log/encode/elasticsearch_format.hpp"
#include "sidecars/log/sinks/elasticsearch_answer.hpp"
#include "tests/unit/log-encode/records.hpp"

using namespace tandem::shipper;
using namespace tandem::test;
using nlohmann::json;

namespace {

std::unique_ptr<RecordFormat> format_of(const char* index) {
  std::string problem;
  return make_elasticsearch_format(TextTemplate::parse(index, true, problem).value());
}

std::string index_of(const char* index, const std::vector<Field>& fields) {
  return json::parse(body_of(*format_of(index), {fields})
                         .substr(0, body_of(*format_of(index), {fields}).find('\n')))["create"]["_index"];
}

const std::string three = "{\"create\":{}}\n{\"n\":1}\n{\"create\":{}}\n{\"n\":2}\n{\"create\":{}}\n{\"n\":3}\n";

std::string answer_of(std::initializer_list<const char*> items) {
  std::string text = R"({"took":3,"errors":true,"items":[)";
  for (const char* item : items) text += (text.back() == '[' ? "" : ",") + ("{\"create\":" + std::string(item)) + "}";
  return text + "]}";
}

const char* const made = R"({"_index":"i","_id":"1","status":201})";
const char* const known = R"({"status":409,"error":{"type":"version_conflict_engine_exception","reason":"exists"}})";
const char* const wrong =
    R"({"status":400,"error":{"type":"mapper_parsing_exception","reason":"failed to parse field [n]","caused_by":{"type":"x","reason":"not a date"}}})";
const char* const busy = R"({"status":429,"error":{"type":"es_rejected_execution_exception","reason":"queue"}})";

}  // namespace

TEST_CASE("a record of the bulk API is a create action with a stable id, and a document") {
  Event event;
  fill(event, {text("source", "app"), literal("offset", "4711"), text("message", "m\xff")});
  Buffer body;
  const auto format = format_of("logs-%Y.%m.%d");
  format->append(event, body);
  event.piece = 2;
  event.fields = {text("@timestamp", "yesterday"), text("time", "t")};
  format->append(event, body);
  CHECK(body.view() ==
        "{\"create\":{\"_index\":\"logs-2025.11.22\",\"_id\":\"0123456789abcdeffedcba9876543210-4711\"}}\n"
        "{\"@timestamp\":\"2025-11-22T12:00:00.123456789Z\",\"source\":\"app\",\"offset\":4711,\"message\":"
        "\"m\xEF\xBF\xBD\"}\n"
        "{\"create\":{\"_index\":\"logs-2025.11.22\",\"_id\":\"0123456789abcdeffedcba9876543210-4711-2\"}}\n"
        "{\"@timestamp\":\"yesterday\",\"time\":\"t\"}\n");
}

TEST_CASE("a document of a record without fields is its time") {
  std::istringstream lines(body_of(*format_of("i"), {{}}));
  std::string line;
  std::getline(lines, line);
  std::getline(lines, line);
  CHECK(json::parse(line).size() == 1);
}

TEST_CASE("whatever a field holds, the index has a name that Elasticsearch takes") {
  CHECK(index_of("logs-${app}", {text("app", "Web/1 \"x\"\xC3\xA4")}) == "logs-web-1--x---");
  CHECK(index_of("logs-${app}", {}) == "logs--unknown");
  CHECK(index_of("${app}", {}) == "unknown");
  CHECK(index_of("${app}", {text("app", "_-+a")}) == "a");
  CHECK(index_of("${app}", {text("app", "..")}) == "unknown");
  const std::string long_name(1000, 'x');
  CHECK(index_of("${app}", {text("app", long_name)}).size() == 255);
}

TEST_CASE("an index of a wrong name is said to be wrong") {
  for (const char* good : {"logs", ".hidden", "a-b_c+d", "logs-2025.11.22"}) CHECK(index_name_problem(good) == nullptr);
  for (const char* bad : {"", "Logs", "-a", "_a", "+a", ".", "..", "a b", "a/b", "a*", "a,b", "a#", "a:b"})
    CHECK(index_name_problem(bad) != nullptr);
}

TEST_CASE("a bulk answer without errors is a delivery") {
  CHECK(judge_bulk(three, R"({"took":1,"errors":false,"items":[]})").verdict == Verdict::delivered);
  CHECK(judge_bulk(three, answer_of({made, known, made})).verdict == Verdict::delivered);
  CHECK(judge_bulk(three, answer_of({made, known, made})).refused.empty());
}

TEST_CASE("refused records are told apart from those that were delivered") {
  const auto outcome = judge_bulk(three, answer_of({made, wrong, known}));
  CHECK(outcome.verdict == Verdict::delivered);
  REQUIRE(outcome.refused.size() == 1);
  CHECK(outcome.refused[0].record == "{\"n\":2}");
  CHECK(outcome.refused[0].is_json);
  CHECK(outcome.refused[0].reason == "HTTP 400 mapper_parsing_exception: failed to parse field [n] (not a date)");
}

TEST_CASE("one item that is to come again takes the whole batch along") {
  for (const char* item : {busy, R"({"status":503,"error":{"type":"unavailable_shards_exception","reason":"r"}})",
                           R"({"status":403,"error":{"type":"cluster_block_exception","reason":"disk"}})", R"({})"}) {
    const auto outcome = judge_bulk(three, answer_of({wrong, item, made}));
    CHECK(outcome.verdict == Verdict::retry_later);
    CHECK(outcome.refused.empty());
    CHECK(!outcome.reason.empty());
  }
  CHECK(judge_bulk(three, answer_of({made, busy, made})).reason == "HTTP 429 es_rejected_execution_exception: queue");
}

TEST_CASE("an answer that is none of the bulk API delivers nothing") {
  for (const char* answer :
       {"", "<html>", "[]", "{}", R"({"errors":1})", R"({"errors":true})", R"({"errors":true,"items":3})",
        R"({"errors":true,"items":[1,2,3]})", R"({"errors":true,"items":[{},{},{}]})"})
    CHECK(judge_bulk(three, answer).verdict == Verdict::retry_later);
  CHECK(judge_bulk(three, answer_of({made, wrong})).verdict == Verdict::retry_later);
  CHECK(judge_bulk(three, answer_of({made, made, made, wrong})).verdict == Verdict::retry_later);
}

TEST_CASE("of a rejected body every record is kept") {
  Outcome outcome(Verdict::rejected, "HTTP 413");
  refuse_all(three, outcome);
  REQUIRE(outcome.refused.size() == 3);
  CHECK(outcome.refused[2].record == "{\"n\":3}");
  CHECK(outcome.refused[2].reason == "HTTP 413");
}
