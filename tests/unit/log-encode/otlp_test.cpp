#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "sidecars/log/encode/otlp_record.hpp"
#include "sidecars/log/encode/protobuf.hpp"
#include "sidecars/log/encode/protobuf_text.hpp"
#include "sidecars/log/sinks/otlp_answer.hpp"
#include "tests/unit/log-encode/records.hpp"

using namespace tandem::shipper;
using namespace tandem::test;
using nlohmann::json;

namespace {

OtlpSettings settings() {
  OtlpSettings made;
  made.clock = [] { return noon_ns + 1; };
  return made;
}

json json_of(const std::vector<std::vector<Field>>& records) {
  return json::parse(body_of(*make_otlp_json_format(settings()), records));
}

Outcome judged(int status, const std::string& type, const std::string& body) {
  return judge_otlp(status, type, body, judge_http(status, "7", body, {}));
}

// ExportLogsServiceResponse{partial_success{rejected_log_records, error_message}}
std::string partial(std::uint64_t rejected, std::string_view message) {
  Buffer body;
  ProtobufWriter out(body);
  const auto opened = out.open(1);
  out.number(1, rejected);
  out.bytes(2, message);
  out.close(opened);
  return std::string(body.view());
}

}  // namespace

TEST_CASE("a record in OTLP's JSON has a resource, a time, a severity, a body and typed attributes") {
  CHECK(json_of({{text("source", "app"), text("file", "/logs/a"), text("pod", "web-1"), text("namespace", "shop"),
                  text("node", "n1"), text("container", "c"), text("stream", "stderr"), literal("offset", "4711"),
                  text("message", "m\xff"), text("level", "Warn"), literal("ok", "true"), literal("ratio", "0.5"),
                  literal("big", "18446744073709551616"), literal("none", "null"), literal("deep", "[1,2]"),
                  text("trace_id", "0af7651916cd43dd8448eb211c80319c"), text("span_id", "00f067aa0ba902B7")}}) ==
        json::parse(R"({"resourceLogs":[{"resource":{"attributes":[
            {"key":"service.name","value":{"stringValue":"web-1"}},
            {"key":"k8s.pod.name","value":{"stringValue":"web-1"}},
            {"key":"k8s.namespace.name","value":{"stringValue":"shop"}},
            {"key":"k8s.node.name","value":{"stringValue":"n1"}},
            {"key":"k8s.container.name","value":{"stringValue":"c"}}]},
          "scopeLogs":[{"scope":{"name":"tandem-log"},"logRecords":[{
            "timeUnixNano":"1763812800123456789","observedTimeUnixNano":"1763812800123456790",
            "severityNumber":13,"severityText":"Warn","body":{"stringValue":"m�"},
            "attributes":[
              {"key":"source","value":{"stringValue":"app"}},
              {"key":"log.file.path","value":{"stringValue":"/logs/a"}},
              {"key":"log.iostream","value":{"stringValue":"stderr"}},
              {"key":"log.file.offset","value":{"intValue":"4711"}},
              {"key":"ok","value":{"boolValue":true}},
              {"key":"ratio","value":{"doubleValue":0.5}},
              {"key":"big","value":{"doubleValue":18446744073709551616}},
              {"key":"none","value":{}},
              {"key":"deep","value":{"stringValue":"[1,2]"}}],
            "traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"00f067aa0ba902B7"}]}]}]})"));
}

TEST_CASE("records of one resource that follow each other share it") {
  const auto logs = json_of({{text("source", "x"), text("message", "1")},
                             {text("source", "x"), text("message", "2")},
                             {text("source", "y"), text("message", "3")},
                             {text("source", "y"), text("pod", "p"), text("message", "4")},
                             {text("source", "y"), text("message", "5")}})["resourceLogs"];
  REQUIRE(logs.size() == 4);
  CHECK(logs[0]["scopeLogs"][0]["logRecords"].size() == 2);
  CHECK(logs[2]["resource"]["attributes"].size() == 2);
  CHECK(logs[3]["resource"]["attributes"].size() == 1);
}

TEST_CASE("a service can be named, and is never without a name") {
  std::string problem;
  auto named = settings();
  named.service = TextTemplate::parse("${app}", false, problem).value();
  const auto logs =
      json::parse(body_of(*make_otlp_json_format(named), {{text("app", "a"), text("pod", "p")}, {}}))["resourceLogs"];
  CHECK(logs[0]["resource"]["attributes"][0]["value"]["stringValue"] == "a");
  CHECK(logs[1]["resource"]["attributes"][0]["value"]["stringValue"] == "unknown_service");
}

TEST_CASE("no records are no request") {
  CHECK(body_of(*make_otlp_json_format(settings()), {}).empty());
  CHECK(body_of(*make_otlp_protobuf_format(settings()), {}).empty());
}

TEST_CASE("an id that is no hexadecimal number of its length is an attribute") {
  const auto record =
      json_of({{text("trace_id", "0af7"),
                text("span_id", "0000000000000000")}})["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0];
  CHECK(record["attributes"].size() == 2);
  CHECK_FALSE(record.contains("traceId"));
}

TEST_CASE("words for severities are understood whatever their case") {
  CHECK(severity_number("INFO") == 9);
  CHECK(severity_number("trace") == 1);
  CHECK(severity_number("Debug") == 5);
  CHECK(severity_number("notice") == 10);
  CHECK(severity_number("warning") == 13);
  CHECK(severity_number("err") == 17);
  CHECK(severity_number("crit") == 18);
  CHECK(severity_number("alert") == 19);
  CHECK(severity_number("emerg") == 21);
  CHECK(severity_number("50") == 17);
  CHECK(severity_number("loud") == 0);
  CHECK(severity_number("") == 0);
}

TEST_CASE("only the statuses that OTLP names are tried again") {
  for (int status : {429, 502, 503, 504}) {
    const auto outcome = judged(status, "application/x-protobuf", "");
    CHECK(outcome.verdict == Verdict::retry_later);
    CHECK(outcome.retry_after == std::chrono::seconds(7));
  }
  for (int status : {400, 404, 408, 413, 500, 501}) CHECK(judged(status, "", "").verdict == Verdict::rejected);
  for (int status : {301, 401, 403}) CHECK(judged(status, "", "").verdict == Verdict::retry_later);
  CHECK(judged(200, "", "").verdict == Verdict::delivered);
}

TEST_CASE("a partial success is delivered with a warning") {
  const auto in_protobuf = judged(200, "application/x-protobuf", partial(3, "too\nold"));
  CHECK(in_protobuf.verdict == Verdict::delivered);
  CHECK(in_protobuf.warning == "3 records were rejected: too old");
  CHECK(in_protobuf.refused.empty());
  for (const char* count : {"\"3\"", "3"}) {
    const std::string body =
        std::string(R"({"partialSuccess":{"rejectedLogRecords":)") + count + R"(,"errorMessage":"too old"}})";
    CHECK(judged(200, "application/json; charset=utf-8", body).warning == "3 records were rejected: too old");
  }
  CHECK(judged(200, "application/x-protobuf", partial(0, "please upgrade")).warning == "please upgrade");
  CHECK(judged(200, "application/json", "{}").warning.empty());
  CHECK(judged(200, "application/json", "no json").warning.empty());
}

TEST_CASE("an error's status is read in both encodings") {
  Buffer body;
  ProtobufWriter out(body);
  out.number(1, 3);
  out.bytes(2, "bad record");
  CHECK(judged(400, "application/x-protobuf", std::string(body.view())).reason == "HTTP 400: bad record");
  CHECK(judged(400, "application/json", R"({"code":3,"message":"bad record"})").reason == "HTTP 400: bad record");
  CHECK(judged(404, "text/plain", "404 page not found").reason == "HTTP 404: 404 page not found");
}

TEST_CASE("what is refused can be read as JSON") {
  const auto body =
      body_of(*make_otlp_protobuf_format(settings()),
              {{text("source", "app"), text("pod", "p"), text("message", "m\"\xff"), text("level", "info"),
                literal("n", "-5"), literal("x", "0.25"), literal("t", "false"), literal("z", "null")},
               {text("pod", "p")}});
  std::vector<Refused> refused;
  REQUIRE(decode_otlp(body, "why", refused));
  REQUIRE(refused.size() == 2);
  CHECK(json::parse(refused[0].record) == json::parse(R"({"time":"2025-11-22T12:00:00.123456789Z","service.name":"p",
      "k8s.pod.name":"p","source":"app","n":-5,"x":0.25,"t":false,"z":null,"level":"info","message":"m\"�"})"));
  CHECK(json::parse(refused[1].record)["message"].is_null());
  CHECK(refused[1].reason == "why");
  CHECK(refused[1].is_json);
  refused.clear();
  CHECK_FALSE(decode_otlp(body.substr(0, body.size() - 1), "why", refused));
}

TEST_CASE("protocol buffers are read as they are written, and broken ones end with a failure") {
  Buffer body;
  ProtobufWriter out(body);
  out.number(1, 300);
  out.fixed64(2, 0x0102030405060708);
  out.bytes(16, "text");
  CHECK(body.view() == std::string_view("\x08\xac\x02\x11\x08\x07\x06\x05\x04\x03\x02\x01\x82\x01\x04text", 19));
  ProtobufReader reader(body.view());
  CHECK(reader.next()->value == 300);
  CHECK(reader.next()->value == 0x0102030405060708);
  CHECK(reader.next()->bytes == "text");
  CHECK_FALSE(reader.next());
  CHECK_FALSE(reader.failed());
  for (std::string_view broken : {std::string_view("\x00", 1), std::string_view("\x0a\x02x"), std::string_view("\x08"),
                                  std::string_view("\x09\x01"), std::string_view("\x0b"),
                                  std::string_view("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")}) {
    ProtobufReader of_broken(broken);
    CHECK_FALSE(of_broken.next());
    CHECK(of_broken.failed());
  }
  CHECK(varint_size(0) == 1);
  CHECK(varint_size(127) == 1);
  CHECK(varint_size(128) == 2);
  CHECK(varint_size(~0ull) == 10);
}

TEST_CASE("text that is no UTF-8 becomes text that is, as JSON has it") {
  Buffer memory;
  CHECK(valid_utf8("a\xC3\xA4", memory) == "a\xC3\xA4");
  CHECK(valid_utf8("a\xC3", memory) == "a\xEF\xBF\xBD");
  CHECK(valid_utf8("\xE2\x82"
                   "b\xF0\x9F\x98\x80\xED\xA0\x80",
                   memory) ==
        "\xEF\xBF\xBD"
        "b\xF0\x9F\x98\x80\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  CHECK(valid_utf8("", memory).empty());
}
