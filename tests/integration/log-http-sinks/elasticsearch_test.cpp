// A server after Elasticsearch's reference of the bulk API: it checks each line, and knows its documents by their ids.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "core/os/files.hpp"
#include "tests/support/log/fixture.hpp"
#include "tests/support/log/strict_server.hpp"
#include "tests/support/skip.hpp"

using namespace tandem;
using namespace tandem::test;
using namespace std::chrono_literals;
using nlohmann::json;

std::string tandem::test::reason_to_skip() { return ""; }

namespace {

class Elasticsearch {
 public:
  enum class Fault { none, unavailable, too_many, some_too_many, half_stored, unanswered };
  explicit Elasticsearch(std::function<Fault(int)> fault)
      : fault_(std::move(fault)), server_([this](const HttpCall& call) { return serve(call); }) {}

  std::map<std::string, int> messages() {
    const std::lock_guard lock(mutex_);
    std::map<std::string, int> all;
    for (const auto& [id, document] : documents_) ++all[document["message"].get<std::string>()];
    return all;
  }
  std::size_t count() {
    const std::lock_guard lock(mutex_);
    return documents_.size();
  }
  int known_again() {
    const std::lock_guard lock(mutex_);
    return known_again_;
  }
  std::string last_target, last_index;
  json last_document;
  std::string refused = "no such text";  // messages that have it are not mapped
  StrictServer& server() { return server_; }

 private:
  HttpReply serve(const HttpCall& call) {
    const std::lock_guard lock(mutex_);
    last_target = call.target;
    const Fault fault = fault_(number_++);
    if (fault == Fault::unavailable) return {503, R"({"error":"no master"})", "application/json", "", false};
    if (fault == Fault::too_many) return {429, R"({"error":"queue"})", "application/json", "Retry-After: 1\r\n", false};
    if (call.method != "POST" || !call.target.starts_with("/_bulk?")) server_.complain(call.method + " " + call.target);
    if (call.header("content-type") != "application/x-ndjson") server_.complain(call.header("content-type"));
    if (call.body.empty() || call.body.back() != '\n') server_.complain("the body does not end with a newline");
    json answer{{"took", 1}, {"errors", false}, {"items", json::array()}};
    std::istringstream lines(call.body);
    std::string action, document;
    int item = 0;
    while (std::getline(lines, action)) {
      if (!std::getline(lines, document)) server_.complain("an action without a document");
      if (fault == Fault::half_stored && item > 20) return {0, "", "", "", true};
      const json result = create(action, document, fault == Fault::some_too_many && item % 3 == 1);
      if (result["status"] >= 300) answer["errors"] = true;
      answer["items"].push_back({{"create", result}});
      ++item;
    }
    if (fault == Fault::unanswered) return {0, "", "", "", true};
    return {200, answer.dump(), "application/json; charset=UTF-8", "", false};
  }

  json create(const std::string& action_line, const std::string& document_line, bool busy) {
    static const std::regex id_of("[0-9a-f]{32}-[0-9]+(-[0-9]+)?");
    const auto action = json::parse(action_line, nullptr, false), document = json::parse(document_line, nullptr, false);
    const auto failure = [](int status, const char* type, const char* why) {
      return json{{"status", status}, {"error", {{"type", type}, {"reason", why}}}};
    };
    if (!action.is_object() || action.size() != 1 || !action.contains("create") || !document.is_object()) {
      server_.complain(action_line + "\n" + document_line);
      return failure(400, "illegal_argument_exception", "malformed");
    }
    const auto& create = action["create"];
    const std::string id = create.value("_id", ""), index = create.value("_index", "");
    if (!std::regex_match(id, id_of) || index.empty() || create.size() != 2) server_.complain(action_line);
    if (!document.contains("@timestamp")) server_.complain("no @timestamp: " + document_line);
    if (busy) return failure(429, "es_rejected_execution_exception", "queue");
    if (document["message"].get<std::string>().find(refused) != std::string::npos)
      return failure(400, "mapper_parsing_exception", "failed to parse");
    last_index = index;
    last_document = document;
    if (documents_.emplace(index + "/" + id, document).second) return json{{"status", 201}};
    ++known_again_;
    return failure(409, "version_conflict_engine_exception", "document already exists");
  }

  std::function<Fault(int)> fault_;
  std::mutex mutex_;
  int number_ = 0, known_again_ = 0;
  std::map<std::string, json> documents_;
  StrictServer server_;
};

}  // namespace

TEST_CASE("Elasticsearch gets every line once, though it fails in every way and the sender is killed") {
  using Fault = Elasticsearch::Fault;
  Elasticsearch elasticsearch([](int call) {
    if (call > 40) return Fault::none;  // a batch that fails again and again waits for long
    switch (call % 11) {
      case 1:
        return Fault::unavailable;
      case 3:
        return call < 11 ? Fault::too_many : Fault::none;
      case 5:
        return Fault::some_too_many;
      case 7:
        return Fault::half_stored;
      case 9:
        return Fault::unanswered;
      default:
        return Fault::none;
    }
  });
  const bool packed = GENERATE(false, true);
  LogRun run("- {name: out, type: elasticsearch, url: \"" + elasticsearch.server().url() +
             "\", index: \"logs-${source}\", pipeline: \"a b\", batch: {maxBytes: 16Ki}" +
             (packed ? ", compression: gzip, compressionLevel: 1}" : "}"));
  run.start();
  Writer writer(run.logs() / "app.log");
  for (int i = 0; i < 5; ++i) {
    writer.write(1000);
    CHECK(wait_until([&] { return elasticsearch.count() >= static_cast<std::size_t>(i) * 1000 + 100; }));
    run.kill();
    run.start();
  }
  CHECK(wait_until([&] { return elasticsearch.count() >= 5000; }));
  CHECK(run.terminate().code == 0);
  CHECK(compare(elasticsearch.messages(), 5000) == "");
  CHECK(elasticsearch.server().complaints().empty());
  CHECK(elasticsearch.known_again() > 0);
  CHECK(elasticsearch.last_index == "logs-app");
  CHECK(elasticsearch.last_target == "/_bulk?filter_path=errors,items.*.status,items.*.error&pipeline=a%20b");
  CHECK(elasticsearch.last_document["pod"] == "web-1");
}

TEST_CASE("documents that Elasticsearch cannot map are kept with the reason, the others of their batch arrive") {
  Elasticsearch elasticsearch([](int) { return Elasticsearch::Fault::none; });
  elasticsearch.refused = line_of(7).substr(0, 12);
  LogRun run("- {name: out, type: elasticsearch, url: \"" + elasticsearch.server().url() +
             "/_bulk\", dataStream: logs-app-default}");
  Writer writer(run.logs() / "app.log");
  writer.write(100);
  run.start();
  REQUIRE(wait_until([&] { return elasticsearch.count() == 99; }));
  CHECK(run.terminate().code == 0);
  CHECK(elasticsearch.count() == 99);
  CHECK(elasticsearch.server().complaints().empty());
  CHECK(elasticsearch.last_index == "logs-app-default");
  const auto letter = json::parse(read_file(run.directory() / "state/out.rejected.ndjson"));
  CHECK(letter["reason"] == "HTTP 400 mapper_parsing_exception: failed to parse");
  CHECK(letter["record"]["message"] == line_of(7));
}
