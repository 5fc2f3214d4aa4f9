#include <catch2/catch.hpp>

#include "core/config/node.hpp"
#include "sidecars/log/sinks/sink.hpp"

using namespace tandem;
using namespace tandem::shipper;
using Catch::Matchers::Contains;

namespace {

std::string problems_of(const std::string& yaml, SinkSettings& sink) {
  Problems problems;
  const auto documents = parse_yaml(yaml, "config.yaml", problems);
  REQUIRE(documents.size() == 1);
  Reader reader(documents.front().root, "config.yaml", "sinks[0]", problems);
  redis_sink().read(reader, sink);
  reader.done();
  return problems.text();
}
std::string problems_of(const std::string& yaml) {
  SinkSettings sink;
  return problems_of(yaml, sink);
}

}  // namespace

TEST_CASE("a Redis sink needs an address and a stream") {
  CHECK(problems_of("{address: \"localhost:6379\", stream: logs}") == "");
  CHECK_THAT(problems_of("{}"), Contains("\"address\" is missing") && Contains("\"stream\" is missing"));
}

TEST_CASE("a Redis sink takes all of its keys, and sends one batch at a time") {
  SinkSettings sink;
  CHECK(problems_of("{address: \"r:6380\", stream: \"logs:{web}\", format: fields, maxLength: 1000, remember: 24h, "
                    "username: app, passwordFile: /p, timeout: 5s, tls: {serverName: r}}",
                    sink) == "");
  CHECK(sink.in_flight == 1);
  CHECK(sink.timeout == std::chrono::seconds(5));
  CHECK(problems_of("{address: \"unix:/redis.sock\", stream: a}") == "");
}

TEST_CASE("what is wrong with a Redis sink is a problem with its key") {
  CHECK_THAT(problems_of("{address: \"r:1\", stream: \"a}b\"}"), Contains("stream: \"a}b\" has a }"));
  CHECK_THAT(problems_of("{address: \"r:1\", stream: a, format: raw}"), Contains("format"));
  CHECK_THAT(problems_of("{address: \"r:1\", stream: a, maxLength: -1}"), Contains("maxLength"));
  CHECK_THAT(problems_of("{address: \"r:1\", stream: a, remember: 1s}"), Contains("remember: must be at least 1m"));
  CHECK_THAT(problems_of("{address: \"r:1\", stream: a, username: me}"), Contains("username: needs passwordFile"));
  CHECK_THAT(problems_of("{address: \"unix:/r\", stream: a, tls: {}}"), Contains("tls: is only for HOST:PORT"));
  CHECK_THAT(problems_of("{address: \"r:1\", stream: a, timeout: 0s}"), Contains("timeout: must be more than 0"));
  CHECK_THAT(problems_of("{address: \"r:1\", stream: a, inFlight: 4}"), Contains("inFlight"));
}
