#include <catch2/catch.hpp>

#include "core/config/node.hpp"
#include "sidecars/log/encode/kafka_format.hpp"
#include "sidecars/log/encode/placed_records.hpp"
#include "sidecars/log/sinks/kafka_library.hpp"
#include "sidecars/log/sinks/kafka_marks.hpp"
#include "sidecars/log/sinks/sink.hpp"
#include "tests/support/skip.hpp"
#include "tests/unit/log-encode/records.hpp"

using namespace tandem;
using namespace tandem::shipper;
using namespace tandem::test;
using Catch::Matchers::Contains;

namespace {

PlacedRecord message_of(KafkaFormat settings, std::string& body) {
  body = body_of(*make_kafka_format(std::move(settings)), {{text("pod", "web-1"), text("message", "hello")}});
  PlacedRecord record;
  REQUIRE(PlacedRecords(body).next(record));
  return record;
}

std::string problems_of(const std::string& yaml) {
  Problems problems;
  const auto documents = parse_yaml(yaml, "config.yaml", problems);
  REQUIRE(documents.size() == 1);
  Reader reader(documents.front().root, "config.yaml", "sinks[0]", problems);
  SinkSettings sink;
  sink.name = "out";
  kafka_sink().read(reader, sink);
  reader.done();
  return problems.text();
}

}  // namespace

TEST_CASE("a message's key is its file, a field, or nothing") {
  std::string body;
  CHECK(message_of({}, body).key == "0123456789abcdeffedcba9876543210");
  CHECK(message_of({KafkaFormat::Key::field, "pod", Format::json}, body).key == "web-1");
  CHECK(message_of({KafkaFormat::Key::field, "user", Format::json}, body).key.empty());
  CHECK(message_of({KafkaFormat::Key::none, "", Format::json}, body).key.empty());
}

TEST_CASE("a message's value is the record as JSON, or its line") {
  std::string body;
  const auto json = message_of({}, body);
  CHECK(json.content == R"({"time":"2025-11-22T12:00:00.123456Z","pod":"web-1","message":"hello"})");
  CHECK(json.time_ns == noon_ns);
  CHECK(message_of({KafkaFormat::Key::file, "", Format::raw}, body).content == "hello");
}

TEST_CASE("marks know the last 64 batches, and survive as a note") {
  KafkaMarks marks;
  for (int i = 0; i < 100; ++i) marks.add("batch " + std::to_string(i));
  KafkaMarks read;
  read.restore(marks.note(), marks.count());
  CHECK(read.count() == 100);
  CHECK(read.note() == marks.note());
  CHECK(marks.note().size() < 1200);
  CHECK(read.has("batch 99"));
  CHECK(read.has("batch 36"));
  CHECK_FALSE(read.has("batch 35"));
  CHECK_FALSE(read.has("batch 100"));
}

TEST_CASE("a note that is none of ours counts for nothing") {
  for (const char* note : {"", "hello", "tandem-log 1", "tandem-log 1 xyz", "tandem-log 1 00000000000000g0",
                           "tandem-log 1 0123", "tandem-log 2 0123456789abcdef"}) {
    CAPTURE(note);
    KafkaMarks marks;
    marks.restore(note, -1001);
    CHECK(marks.count() == 0);
    CHECK(marks.note() == "tandem-log 1");
  }
}

TEST_CASE("a Kafka sink needs brokers and a topic, and takes what librdkafka knows") {
  std::string why;
  if (!load_kafka_library(why)) {
    CHECK_THAT(problems_of("{brokers: [\"k:9092\"], topic: logs}"), Contains("apt-get install librdkafka1"));
    return skip("librdkafka is not here: " + why);
  }
  CHECK(problems_of("{brokers: [\"k:9092\"], topic: logs}") == "");
  CHECK(problems_of("{brokers: [\"a:1\", \"b:2\"], topic: logs, key: pod, format: raw, compression: zstd, "
                    "exactlyOnce: true, transactionalId: t, passwordFile: /p, timeout: 5s, deadLetter: {path: /d}, "
                    "options: {security.protocol: SASL_SSL, linger.ms: 50, sasl.mechanisms: PLAIN}}") == "");
  CHECK_THAT(problems_of("{}"), Contains("brokers: at least one broker") && Contains("\"topic\" is missing"));
  CHECK_THAT(problems_of("{brokers: [k], topic: t, options: {linger.mss: 5}}"),
             Contains("options: librdkafka says: No such configuration property: \"linger.mss\""));
  CHECK_THAT(problems_of("{brokers: [k], topic: t, options: {linger.ms: soon}}"),
             Contains("options: librdkafka says: Invalid value"));
  CHECK_THAT(problems_of("{brokers: [k], topic: t, options: {acks: \"1\"}}"), Contains("it is the key requiredAcks"));
  CHECK_THAT(problems_of("{brokers: [k], topic: t, options: {sasl.password: x}}"), Contains("passwordFile"));
  CHECK_THAT(problems_of("{brokers: [k], topic: t, transactionalId: x}"), Contains("transactionalId: is only for"));
  CHECK_THAT(problems_of("{brokers: [k], topic: t, exactlyOnce: true, requiredAcks: leader}"),
             Contains("requiredAcks: exactlyOnce needs all"));
}
