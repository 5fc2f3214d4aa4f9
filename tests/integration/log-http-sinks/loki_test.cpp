// A server after Loki's HTTP API reference: it checks each push, and keeps entries as Loki does, equal ones once.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <regex>

#include "core/os/files.hpp"
#include "tests/support/log/fixture.hpp"
#include "tests/support/log/strict_server.hpp"

using namespace tandem;
using namespace tandem::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

class Loki {
 public:
  using Fault = std::function<std::optional<HttpReply>(int call, bool stored)>;
  explicit Loki(Fault fault)
      : fault_(std::move(fault)), server_([this](const HttpCall& call) { return serve(call); }) {}

  std::map<std::string, int> messages() {
    const std::lock_guard lock(mutex_);
    std::map<std::string, int> all;
    for (const auto& [key, line] : entries_) ++all[line];
    return all;
  }
  std::size_t count() {
    const std::lock_guard lock(mutex_);
    return entries_.size();
  }
  json last_labels, last_metadata;
  HttpCall last_call;
  const StrictServer& server() const { return server_; }

 private:
  HttpReply serve(const HttpCall& call) {
    const std::lock_guard lock(mutex_);
    last_call = call;
    const int number = number_++;
    if (auto reply = fault_(number, false)) return *reply;
    const std::string wrong = store(call);
    if (!wrong.empty()) {
      server_.complain(wrong);
      return {400, wrong, "text/plain", "", false};
    }
    if (auto reply = fault_(number, true)) return *reply;
    return {204, "", "", "", false};
  }

  std::string store(const HttpCall& call) {
    static const std::regex label_name("[a-zA-Z_][a-zA-Z0-9_]*"), nanoseconds("[0-9]{19}");
    if (call.method != "POST" || call.target != "/loki/api/v1/push") return call.method + " " + call.target;
    if (call.header("content-type") != "application/json") return "Content-Type " + call.header("content-type");
    const auto push = json::parse(call.body, nullptr, false);
    if (!push.is_object() || push.size() != 1 || !push["streams"].is_array() || push["streams"].empty())
      return "no push: " + call.body.substr(0, 100);
    for (const auto& stream : push["streams"]) {
      if (stream.size() != 2 || !stream["stream"].is_object() || stream["stream"].empty()) return "no labels";
      for (const auto& [name, value] : stream["stream"].items())
        if (!std::regex_match(name, label_name) || !value.is_string()) return "label " + name;
      if (!stream["values"].is_array() || stream["values"].empty()) return "no values";
      for (const auto& value : stream["values"]) {
        if (!value.is_array() || value.size() < 2 || value.size() > 3 || !value[1].is_string()) return "a value";
        if (!value[0].is_string() || !std::regex_match(value[0].get<std::string>(), nanoseconds)) return "a time";
        if (value.size() == 3 && !value[2].is_object()) return "metadata";
        if (value.size() == 3) {
          for (const auto& one : value[2])
            if (!one.is_string()) return "metadata that is no string";
          last_metadata = value[2];
        }
        entries_.emplace(stream["stream"].dump() + value[0].get<std::string>() + value[1].get<std::string>(), value[1]);
      }
      last_labels = stream["stream"];
    }
    return "";
  }

  Fault fault_;
  std::mutex mutex_;
  int number_ = 0;
  std::map<std::string, std::string> entries_;  // stream, time and line -> line
  StrictServer server_;
};

}  // namespace

TEST_CASE("Loki gets every line once, though it fails in every way and the sender is killed") {
  Loki loki([](int call, bool stored) -> std::optional<HttpReply> {
    if (call > 30) return std::nullopt;  // a batch that fails again and again waits for long
    switch (call % 9) {
      case 1:
        if (!stored) return HttpReply{503, "starting", "text/plain", "", false};
        break;
      case 3:
        if (!stored && call < 9) return HttpReply{429, "rate limit", "text/plain", "Retry-After: 1\r\n", false};
        break;
      case 5:
        if (!stored) return HttpReply{0, "", "", "", true};
        break;
      case 7:
        if (stored) return HttpReply{500, "an ingester died", "text/plain", "", false};
        break;
      case 8:
        if (stored) return HttpReply{0, "", "", "", true};
        break;
    }
    return std::nullopt;
  });
  const bool packed = GENERATE(false, true);
  LogRun run("- {name: out, type: loki, url: \"" + loki.server().url() +
             "\", labels: {app: \"${source}\", env: test}, structuredMetadata: [pod, offset], tenant: shop, batch: "
             "{maxBytes: 16Ki}" +
             (packed ? ", compression: gzip}" : "}"));
  run.start();
  Writer writer(run.logs() / "app.log");
  for (int i = 0; i < 3; ++i) {
    writer.write(1000);
    CHECK(wait_until([&] { return loki.count() >= static_cast<std::size_t>(i) * 1000 + 100; }));
    run.kill();
    run.start();
  }
  CHECK(wait_until([&] { return loki.count() >= 3000; }));
  CHECK(run.terminate().code == 0);
  CHECK(compare(loki.messages(), 3000) == "");
  CHECK(loki.server().complaints().empty());
  CHECK(loki.last_labels == json::parse(R"({"app":"app","env":"test"})"));
  CHECK(loki.last_metadata["pod"] == "web-1");
  CHECK(loki.last_call.header("x-scope-orgid") == "shop");
  CHECK(loki.last_call.header("content-encoding") == (packed ? "gzip" : ""));
}

TEST_CASE("what Loki finds too old goes to the dead-letter file") {
  Loki loki([](int call, bool) -> std::optional<HttpReply> {
    if (call > 0) return std::nullopt;
    return HttpReply{400, "entry too far behind, oldest acceptable timestamp is: 2026-11-22T10:00:00Z", "text/plain",
                     "", false};
  });
  LogRun run("- {name: out, type: loki, url: \"" + loki.server().url() + "\"}");
  run.start();
  Writer writer(run.logs() / "app.log");
  writer.write(1);
  REQUIRE(wait_until([&] { return loki.server().calls() == 1; }));
  writer.write(1);
  REQUIRE(wait_until([&] { return loki.count() == 1; }));
  CHECK(run.terminate().code == 0);
  CHECK(loki.last_labels == json::parse(R"({"source":"app","pod":"web-1","namespace":"shop"})"));
  const auto letter = json::parse(read_file(run.directory() / "state/out.rejected.ndjson"));
  CHECK(letter["reason"].get<std::string>().starts_with("HTTP 400: entry too far behind"));
  CHECK(letter["body"]["streams"][0]["values"][0][1] == line_of(0));
}
