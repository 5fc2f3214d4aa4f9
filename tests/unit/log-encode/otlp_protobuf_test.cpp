// What the OTLP sink writes, as protoc reads it.
#include <catch2/catch.hpp>

#include "core/os/files.hpp"
#include "core/os/process.hpp"
#include "sidecars/log/encode/otlp_record.hpp"
#include "tests/support/servers.hpp"
#include "tests/support/skip.hpp"
#include "tests/unit/log-encode/records.hpp"

using namespace tandem;
using namespace tandem::shipper;
using namespace tandem::test;

std::string tandem::test::reason_to_skip() {
  return find_program("protoc").empty() ? "protoc (package protobuf-compiler) is not installed" : "";
}

namespace {

const std::string folder = TANDEM_SOURCE_DIR "/tests/unit/log-encode";

std::string decoded(const std::string& body) {
  const auto result = run_command(
      {find_program("protoc"), "--decode=ExportLogsServiceRequest", "--proto_path=" + folder, "logs.proto"}, body);
  CAPTURE(result.errors);
  REQUIRE(result.status.code == 0);
  return result.output;
}

}  // namespace

TEST_CASE("protoc reads a request and finds every field in its place") {
  OtlpSettings settings;
  settings.clock = [] { return noon_ns + 1; };
  const auto format = make_otlp_protobuf_format(settings);
  const std::vector<std::vector<Field>> records{
      {text("source", "app"), text("file", "/logs/a"), text("pod", "web-1"), text("namespace", "shop"),
       text("node", "n1"), text("container", "c"), literal("offset", "4711"), text("message", "m\xff\n"),
       text("level", "error"), literal("ok", "true"), literal("no", "false"), literal("ratio", "0.5"),
       literal("minus", "-1"), literal("none", "null"), literal("deep", "{\"a\":1}"),
       text("trace_id", "0af7651916cd43dd8448eb211c80319c"), text("span_id", "00f067aa0ba902b7")},
      {text("source", "app"), text("pod", "web-1"), text("namespace", "shop"), text("node", "n1"),
       text("container", "c"), text("message", "")},
      {text("source", "other")}};
  CHECK(decoded(body_of(*format, records)) == read_file(folder + "/golden/otlp.txt"));
  CHECK(body_of(*format, records) == body_of(*format, records));
}

TEST_CASE("protoc reads messages longer than a short length can say") {
  const std::string big(300'000, 'x');
  const auto format = make_otlp_protobuf_format({});
  const auto text_of = decoded(body_of(*format, {{text("message", big), text(big, big)}, {text("message", "last")}}));
  CHECK(text_of.find("string_value: \"" + big + "\"") != std::string::npos);
  CHECK(text_of.find("key: \"" + big + "\"") != std::string::npos);
  CHECK(text_of.find("string_value: \"last\"") != std::string::npos);
}
