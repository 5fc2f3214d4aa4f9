#include <catch2/catch.hpp>

#include "core/config/node.hpp"
#include "sidecars/log/sinks/sink.hpp"

using namespace tandem;
using namespace tandem::shipper;
using Catch::Matchers::Contains;

namespace {

std::string problems_of(const SinkType& type, const std::string& yaml) {
  Problems problems;
  const auto documents = parse_yaml(yaml, "config.yaml", problems);
  REQUIRE(documents.size() == 1);
  Reader reader(documents.front().root, "config.yaml", "sinks[0]", problems);
  SinkSettings sink;
  type.read(reader, sink);
  reader.done();
  if (problems.empty()) CHECK(sink.make);
  return problems.text();
}
std::string syslog(const std::string& yaml) { return problems_of(syslog_sink(), yaml); }

}  // namespace

TEST_CASE("a syslog sink needs an address and nothing else") {
  CHECK(syslog("{address: \"logs:514\"}") == "");
  CHECK_THAT(syslog("{protocol: udp}"), Contains("\"address\" is missing"));
  CHECK(
      syslog(
          "{address: \"logs:6514\", protocol: tls, tls: {serverName: x}, framing: newline, format: rfc3164, "
          "facility: local3, severity: lvl, hostname: h, appName: a, procId: p, msgId: m, inFlight: 2, timeout: 5s}") ==
      "");
  CHECK(syslog("{address: \"logs:514\", protocol: udp, maxMessage: 1Ki, structuredData: \"t@32473\", bom: true}") ==
        "");
}

TEST_CASE("what does not go together in a syslog sink is a problem with its key") {
  CHECK_THAT(syslog("{address: \"logs:514\", facility: loud}"), Contains("facility: no facility is called \"loud\""));
  CHECK_THAT(syslog("{address: \"logs:514\", structuredData: x}"), Contains("structuredData") && Contains("no SD-ID"));
  CHECK_THAT(syslog("{address: \"logs:514\", format: rfc3164, structuredData: \"x@1\"}"),
             Contains("has no structured data"));
  CHECK_THAT(syslog("{address: \"logs:514\", tls: {}}"), Contains("tls: is only for protocol: tls"));
  CHECK_THAT(syslog("{address: \"logs:514\", protocol: tls, tls: {caFile: /nowhere}}"),
             Contains("tls.caFile: cannot read"));
  CHECK_THAT(syslog("{address: \"logs:514\", protocol: udp, framing: newline}"), Contains("udp has no framing"));
  CHECK_THAT(syslog("{address: \"logs:514\", protocol: udp, maxMessage: 1Mi}"), Contains("must be from 480 to 65507"));
  CHECK_THAT(syslog("{address: \"logs:514\", maxMessage: 1Ki}"), Contains("maxMessage: is of udp"));
  CHECK_THAT(syslog("{address: \"unix:/dev/log\", protocol: udp}"), Contains("udp needs HOST:PORT"));
}

TEST_CASE("a TCP sink takes TLS keys, and an HTTP sink those of an https URL") {
  CHECK(problems_of(tcp_sink(), "{address: \"logs:1\", tls: {}}") == "");
  CHECK_THAT(problems_of(tcp_sink(), "{address: \"logs:1\", tls: {certFile: /x}}"),
             Contains("tls.keyFile: certFile and keyFile go together"));
  CHECK(problems_of(http_sink(), "{url: \"https://logs/\", tls: {insecureSkipVerify: true}}") == "");
  CHECK(problems_of(http_sink(), "{url: \"https://logs/\"}") == "");
  CHECK_THAT(problems_of(http_sink(), "{url: \"http://logs/\", tls: {}}"), Contains("tls: the URL is http"));
}
