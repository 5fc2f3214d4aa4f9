#include <catch2/catch.hpp>

#include "sidecars/log/dead_letter.hpp"
#include "sidecars/log/encode/elasticsearch_format.hpp"
#include "sidecars/log/replay_letters.hpp"
#include "sidecars/log/replay_position.hpp"

using namespace tandem::shipper;

namespace {

Batch batch_of(std::string_view bytes) {
  Batch batch;
  batch.id = "b-1";
  batch.body.append(bytes);
  return batch;
}

std::string letters_of(std::string_view bytes, BodyKind kind) {
  Buffer out;
  append_dead_letters(batch_of(bytes), kind, "out", "why \"so\"", out);
  return std::string(out.view());
}

Letter read(std::string_view line) {
  Letter letter;
  std::string why;
  CHECK(LetterReader().read(line, letter, why));
  CHECK(why.empty());
  return letter;
}

std::string problem_of(std::string_view line) {
  Letter letter;
  std::string why;
  CHECK_FALSE(LetterReader().read(line, letter, why));
  return why;
}

SinkSettings sink_of(Format format) {
  SinkSettings sink;
  sink.format = format;
  sink.body = format == Format::json ? BodyKind::json_lines : BodyKind::lines;
  return sink;
}

std::string sent(const SinkSettings& sink, const std::vector<Letter>& letters) {
  LetterEncoder encoder(sink);
  return std::string(encoder.encode(letters.data(), letters.data() + letters.size()).body.view());
}

}  // namespace

TEST_CASE("what a sink refused is read back as it was, whatever bytes it has") {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  for (std::size_t size : {1, 2, 3, 4, 129, 254, 255, 256}) {
    const std::string body = bytes.substr(256 - size);
    const Letter letter = read(letters_of(body, BodyKind::bytes));
    CHECK(letter.is_body);
    CHECK_FALSE(letter.is_json);
    CHECK(letter.content == body);
    CHECK(letter.reason == "why \"so\"");
    CHECK(letter.sink == "out");
    CHECK(letter.batch == "b-1");
  }
  const Letter text = read(letters_of("gr\xc3\xbc\xc3\x9f\" \\ \x01", BodyKind::bytes));
  CHECK(text.content == "gr\xc3\xbc\xc3\x9f\" \\ \x01");
  const Letter json = read(letters_of("{\"streams\":[{\"a\":1.50}]}", BodyKind::json));
  CHECK((json.is_body && json.is_json));
  CHECK(json.content == "{\"streams\":[{\"a\":1.50}]}");
  const Letter line = read(letters_of("caf\xe9\n", BodyKind::lines));
  CHECK_FALSE(line.is_body);
  CHECK(line.content == "caf\xe9");
  CHECK(letters_of("caf\xe9\n", BodyKind::lines) ==
        "{\"reason\":\"why \\\"so\\\"\",\"sink\":\"out\",\"batch\":\"b-1\",\"encoding\":\"base64\",\"record\":"
        "\"Y2Fm6Q==\"}\n");
}

TEST_CASE("lines that are no dead letters are told") {
  CHECK(problem_of("not json") == "is no JSON object");
  CHECK(problem_of("{\"sink\":\"a\"}") == "has no \"record\" and no \"body\"");
  CHECK(problem_of("{\"record\":{}}") == "has no \"sink\"");
  CHECK(problem_of("{\"sink\":\"a\",\"record\":1,\"body\":2}") == "has both \"record\" and \"body\"");
  CHECK(problem_of("{\"sink\":\"a\",\"record\":\"x\",\"encoding\":\"base64\"}") ==
        "has no base64 in its \"record\" or \"body\"");
  CHECK(problem_of("{\"sink\":\"a\",\"record\":\"x\",\"encoding\":\"rot13\"}") == "has an unknown \"encoding\"");
}

TEST_CASE("records go as they were to a sink that has them so, and are made again for one that has not") {
  const std::string record = "{\"time\":\"2026-11-22T10:00:00.123456Z\",\"n\":1.50,\"message\":\"a\\\"b\"}";
  const Letter json = read("{\"sink\":\"out\",\"record\":" + record + "}");
  const Letter line = read("{\"sink\":\"out\",\"record\":\"GET / \\\"x\\\"\"}");
  CHECK(sent(sink_of(Format::json), {json, json}) == record + "\n" + record + "\n");
  CHECK(sent(sink_of(Format::raw), {json, line}) == "a\"b\nGET / \"x\"\n");
  const std::string made = sent(sink_of(Format::json), {line});
  CHECK(made.find("\"message\":\"GET / \\\"x\\\"\"}\n") != std::string::npos);

  SinkSettings elasticsearch = sink_of(Format::json);
  std::string problem;
  const auto index = *TextTemplate::parse("logs-%Y.%m.%d", true, problem);
  elasticsearch.make_format = [&](const Origin&) { return make_elasticsearch_format(index); };
  const std::string bulk = sent(elasticsearch, {json});
  CHECK(bulk.substr(0, 41) == "{\"create\":{\"_index\":\"logs-2026.11.22\",\"_i");
  CHECK(bulk.find("\"@timestamp\":\"2026-11-22T10:00:00.123456000Z\",\"n\":1.50,\"message\":\"a\\\"b\"}") !=
        std::string::npos);
  CHECK(bulk.find("\"time\"") == std::string::npos);
}

TEST_CASE("equal letters make an equal batch, others another") {
  const Letter a = read("{\"sink\":\"out\",\"record\":{\"time\":\"2026-11-22T10:00:00Z\",\"message\":\"a\"}}");
  const Letter b = read("{\"sink\":\"out\",\"record\":{\"time\":\"2026-11-22T10:00:00Z\",\"message\":\"b\"}}");
  const SinkSettings sink = sink_of(Format::json);
  LetterEncoder encoder(sink);
  const std::vector<Letter> both{a, b}, twice{a, a}, other{b, a};
  const auto id = [&](const std::vector<Letter>& all) { return encoder.encode(&all[0], &all[0] + all.size()).id; };
  CHECK(id(both) == id(both));
  CHECK(id(both).size() == 7 + 32);
  CHECK(id(both) != id(other));
  CHECK(id(both) != id(twice));
  const Batch batch = encoder.encode(&both[0], &both[0] + 2);
  CHECK(batch.records == 2);
  CHECK(batch.time_ns == 1'795'341'600'000'000'000);
  REQUIRE(batch.segments.size() == 1);
  CHECK(batch.segments[0].segment.bytes() == 2);
}

TEST_CASE("a body only goes to a sink that makes such bodies") {
  const Letter json = read("{\"sink\":\"loki\",\"body\":{\"streams\":[]}}");
  const Letter bytes = read("{\"sink\":\"otlp\",\"encoding\":\"base64\",\"body\":\"/w==\"}");
  SinkSettings loki = sink_of(Format::json), otlp = sink_of(Format::json);
  loki.body = BodyKind::json;
  otlp.body = BodyKind::bytes;
  CHECK(LetterEncoder(loki).problem(json) == "");
  CHECK(LetterEncoder(loki).problem(bytes) != "");
  CHECK(LetterEncoder(otlp).problem(bytes) == "");
  CHECK(LetterEncoder(sink_of(Format::json)).problem(json) != "");
  CHECK(sent(loki, {json}) == "{\"streams\":[]}");
  CHECK(sent(otlp, {bytes}) == "\xff");
}

TEST_CASE("the place where a replay goes on is kept in a line") {
  ReplayPosition position;
  position.offset = 4711;
  position.lines = 12;
  position.hash = 0x0123456789abcdef;
  for (const char* sink : {"", "out"}) {
    position.sink = sink;
    const auto again = parse_replay_position(encode_replay_position(position));
    REQUIRE(again);
    CHECK(again->offset == 4711);
    CHECK(again->lines == 12);
    CHECK(again->hash == position.hash);
    CHECK(again->sink == sink);
  }
  for (const char* wrong : {"", "1 2", "1 2 3", "a 2 3 out\n", "1 2 3 out"}) CHECK_FALSE(parse_replay_position(wrong));
}
