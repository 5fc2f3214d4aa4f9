// A server after the OpenTelemetry protocol's specification, "OTLP/HTTP", in both encodings. It reads protocol buffers
// on its own.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "core/os/files.hpp"
#include "tests/support/log/fixture.hpp"
#include "tests/support/log/strict_server.hpp"

using namespace tandem;
using namespace tandem::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

// A message's length-delimited fields by number; the others are only stepped over.
std::multimap<int, std::string> fields_of(const std::string& message) {
  std::multimap<int, std::string> fields;
  std::size_t at = 0;
  const auto varint = [&] {
    std::uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(message.at(at++));
      value |= static_cast<std::uint64_t>(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < message.size()) {
    const auto tag = varint();
    if (tag % 8 == 0) {
      varint();
    } else if (tag % 8 == 1) {
      at += 8;
    } else if (tag % 8 == 2) {
      const auto length = varint();
      if (length > message.size() - at) throw std::out_of_range("length");
      fields.emplace(static_cast<int>(tag / 8), message.substr(at, length));
      at += length;
    } else {
      throw std::out_of_range("wire type");
    }
  }
  return fields;
}

std::vector<std::string> all(const std::multimap<int, std::string>& fields, int number) {
  std::vector<std::string> found;
  for (auto [at, end] = fields.equal_range(number); at != end; ++at) found.push_back(at->second);
  return found;
}

class Collector {
 public:
  using Fault = std::function<std::optional<HttpReply>(int)>;
  Collector(bool in_json, Fault fault)
      : json_(in_json), fault_(std::move(fault)), server_([this](const HttpCall& call) { return serve(call); }) {}

  std::map<std::string, int> messages() {
    const std::lock_guard lock(mutex_);
    return messages_;
  }
  std::size_t count() {
    const std::lock_guard lock(mutex_);
    return messages_.size();
  }
  std::map<std::string, std::string> resource;
  HttpCall last_call;
  StrictServer& server() { return server_; }

 private:
  HttpReply serve(const HttpCall& call) {
    const std::lock_guard lock(mutex_);
    last_call = call;
    if (auto reply = fault_(number_++)) return *reply;
    const std::string type = json_ ? "application/json" : "application/x-protobuf";
    if (call.method != "POST" || call.target != "/v1/logs") server_.complain(call.method + " " + call.target);
    if (call.header("content-type") != type) server_.complain(call.header("content-type"));
    try {
      json_ ? take_json(call.body) : take_protobuf(call.body);
    } catch (const std::exception& error) {
      server_.complain(std::string("no request: ") + error.what());
      return {400, "", type, "", false};
    }
    return {200, json_ ? "{}" : "", type, "", false};
  }

  void take_json(const std::string& body) {
    const auto request = json::parse(body);
    for (const auto& logs : request.at("resourceLogs")) {
      for (const auto& one : logs.at("resource").at("attributes"))
        resource[one.at("key")] = one.at("value").at("stringValue");
      for (const auto& scope : logs.at("scopeLogs")) {
        for (const auto& record : scope.at("logRecords")) {
          if (!record.at("timeUnixNano").is_string()) throw std::out_of_range("timeUnixNano is no string");
          ++messages_[record.at("body").at("stringValue").get<std::string>()];
        }
      }
    }
  }

  void take_protobuf(const std::string& body) {
    for (const auto& logs : all(fields_of(body), 1)) {
      for (const auto& part : all(fields_of(logs), 1)) {
        for (const auto& attribute : all(fields_of(part), 1)) {
          const auto pair = fields_of(attribute);
          resource[all(pair, 1).at(0)] = all(fields_of(all(pair, 2).at(0)), 1).at(0);
        }
      }
      for (const auto& scope : all(fields_of(logs), 2))
        for (const auto& record : all(fields_of(scope), 2))
          ++messages_[all(fields_of(all(fields_of(record), 5).at(0)), 1).at(0)];
    }
  }

  bool json_;
  Fault fault_;
  std::mutex mutex_;
  int number_ = 0;
  std::map<std::string, int> messages_;
  StrictServer server_;
};

HttpReply failing(int status, std::string more = "") {
  return {status, "", "application/x-protobuf", std::move(more), false};
}

}  // namespace

TEST_CASE("a collector gets every line in either encoding, though it is away at times") {
  const bool in_json = GENERATE(false, true);
  const std::string compression = GENERATE("none", "gzip", "zstd");
  Collector collector(in_json, [](int call) -> std::optional<HttpReply> {
    if (call == 1) return failing(429, "Retry-After: 1\r\n");
    if (call == 3) return failing(503);
    if (call == 5) return failing(502);
    if (call == 7) return failing(504);
    if (call == 9) return HttpReply{0, "", "", "", true};
    return std::nullopt;
  });
  LogRun run("- {name: out, type: otlp, url: \"" + collector.server().url() +
             "\", encoding: " + (in_json ? "json" : "protobuf") + ", compression: " + compression +
             ", service: \"${source}-x\", batch: {maxBytes: 16Ki}}");
  run.start();
  Writer writer(run.logs() / "app.log");
  writer.write(2000);
  CHECK(wait_until([&] { return collector.count() >= 2000; }));
  CHECK(run.terminate().code == 0);
  CHECK(compare(collector.messages(), 2000) == "");
  CHECK(collector.server().complaints().empty());
  CHECK(collector.resource == std::map<std::string, std::string>{{"service.name", "app-x"},
                                                                 {"k8s.pod.name", "web-1"},
                                                                 {"k8s.namespace.name", "shop"}});
  CHECK(collector.last_call.header("content-encoding") == (compression == "none" ? "" : compression));
}

TEST_CASE("a partial success is not sent again, and said in the log") {
  Collector collector(true, [](int) -> std::optional<HttpReply> {
    return HttpReply{200, R"({"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"too long"}})",
                     "application/json", "", false};
  });
  LogRun run("- {name: out, type: otlp, encoding: json, url: \"" + collector.server().url() + "\"}");
  run.start();
  Writer writer(run.logs() / "app.log");
  writer.write(1);
  REQUIRE(wait_until([&] { return run.metric("tandem_log_records_total{sink=\"out\",result=\"delivered\"}") == 1; }));
  CHECK(run.terminate().code == 0);
  CHECK(collector.server().calls() == 1);
  CHECK(read_file(run.output()).find("1 records were rejected: too long") != std::string::npos);
}

TEST_CASE("what a collector refuses for good can be read in the dead-letter file") {
  const int status = GENERATE(400, 500);
  Collector collector(false, [status](int call) -> std::optional<HttpReply> {
    if (call == 0)
      return HttpReply{status,
                       std::string("\x08\x03\x12\x03"
                                   "bad",
                                   7),
                       "application/x-protobuf", "", false};
    return std::nullopt;
  });
  LogRun run("- {name: out, type: otlp, url: \"" + collector.server().url() + "/v1/logs\"}");
  run.start();
  Writer writer(run.logs() / "app.log");
  writer.write(1);
  REQUIRE(wait_until([&] { return collector.server().calls() == 1; }));
  writer.write(1);
  REQUIRE(wait_until([&] { return collector.count() == 1; }));
  CHECK(run.terminate().code == 0);
  const auto letter = json::parse(read_file(run.directory() / "state/out.rejected.ndjson"));
  CHECK(letter["reason"] == "HTTP " + std::to_string(status) + ": bad");
  CHECK(letter["record"]["message"] == line_of(0));
  CHECK(letter["record"]["k8s.pod.name"] == "web-1");
  CHECK(collector.messages() == std::map<std::string, int>{{line_of(1), 1}});
}
