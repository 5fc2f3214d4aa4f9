// tandem-log before librdkafka's mock cluster.
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/os/files.hpp"
#include "tests/integration/log-streams/kafka_cluster.hpp"
#include "tests/support/log/fixture.hpp"
#include "tests/support/skip.hpp"

using namespace tandem;
using namespace tandem::test;
using namespace std::chrono_literals;

std::string tandem::test::reason_to_skip() { return find_program("python3").empty() ? "python3 is not there" : ""; }

namespace {

// Numbers of Kafka's protocol.
constexpr std::int16_t produce = 0, init_producer_id = 22, end_txn = 26, txn_offset_commit = 28;

std::string sink(const KafkaCluster& cluster, const std::string& more = "") {
  std::string brokers = cluster.brokers();
  for (std::size_t at = 0; (at = brokers.find(',', at)) != std::string::npos; at += 3) brokers.replace(at, 1, "\",\"");
  return "- {name: out, type: kafka, brokers: [\"" + brokers + "\"], topic: logs, batch: {maxBytes: 16Ki}" + more + "}";
}

std::map<std::string, int> messages_of(const std::vector<KafkaMessage>& all) {
  std::map<std::string, int> messages;
  for (const auto& message : all) ++messages[nlohmann::json::parse(message.value).at("message").get<std::string>()];
  return messages;
}

// The numbers of the lines in the order in which they came; each file is in one partition.
bool in_order(const std::vector<KafkaMessage>& all) {
  std::map<std::string, std::string> last;
  for (const auto& message : all) {
    const auto line = nlohmann::json::parse(message.value).at("message").get<std::string>().substr(0, 12);
    if (line < last[message.key]) return false;
    last[message.key] = line;
  }
  return true;
}

// A broker that keeps what is in no committed transaction from its readers: kafka_broker.py.
class StrictBroker {
 public:
  explicit StrictBroker(const std::string& faults)
      : child_({find_program("python3"), TANDEM_SOURCE_DIR "/tests/integration/log-streams/kafka_broker.py",
                std::to_string(port_), "logs", "3", folder_ / "out", faults},
               folder_ / "log") {
    if (!wait_until([&] { return can_connect(port_); })) throw std::runtime_error("the broker did not start");
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  std::string complaints() const { return read_file_if_exists(folder_ / "log").value_or(""); }
  // What a reader of committed messages has seen.
  std::vector<KafkaMessage> messages() const {
    std::vector<KafkaMessage> all;
    std::istringstream lines(read_file_if_exists(folder_ / "out").value_or(""));
    for (std::string line; std::getline(lines, line);) {
      KafkaMessage& message = all.emplace_back();
      message.key = line.substr(0, line.find(' '));  // by its partition
      message.value = line.substr(line.find(' ') + 1);
    }
    return all;
  }

 private:
  TemporaryDirectory folder_;
  int port_ = free_port();
  Child child_;
};

double delivered(const LogRun& run) {
  return run.metric("tandem_log_records_total{sink=\"out\",result=\"delivered\"}");
}

}  // namespace

TEST_CASE("a Kafka topic gets every line once and in order, though brokers refuse and go away") {
  KafkaCluster cluster("logs");
  LogRun run(sink(cluster, ", compression: gzip, timeout: 2s"));
  run.start();
  Writer writer(run.logs() / "app.log");
  writer.write(2000);
  cluster.read(2000);
  rd_kafka_mock_push_request_errors(cluster.mock(), produce, 4, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
                                    RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
                                    RD_KAFKA_RESP_ERR__TRANSPORT);
  writer.write(2000);
  CHECK(wait_until([&] { return delivered(run) == 4000; }));
  cluster.set_down(true);
  writer.write(2000);
  CHECK(wait_until([&] { return run.metric("tandem_log_retries_total{sink=\"out\"}") >= 2; }));
  cluster.set_down(false);
  CHECK(wait_until([&] { return delivered(run) == 6000; }));
  CHECK(run.terminate().code == 0);
  const auto& all = cluster.read(6000);
  CHECK(compare(messages_of(all), 6000) == "");
  CHECK(in_order(all));
  CHECK(all.front().key.size() == 32);
  CHECK(all.front().time_ms > 1'700'000'000'000);
}

TEST_CASE("a sender that is killed loses nothing on its way to Kafka") {
  KafkaCluster cluster("logs");
  LogRun run(sink(cluster));
  run.start();
  Writer writer(run.logs() / "app.log");
  for (int i = 0; i < 5; ++i) {
    writer.write(2000);
    cluster.read(static_cast<std::size_t>(i) * 2000 + 100);
    run.kill();
    run.start();
  }
  CHECK(run.terminate().code == 0);
  auto messages = messages_of(cluster.read(10'000));
  for (auto& [message, count] : messages) count = std::min(count, 1);
  CHECK(compare(messages, 10'000) == "");
}

TEST_CASE("what is too large for Kafka is kept with the reason, and what was sent with it arrives") {
  KafkaCluster cluster("logs");
  const bool by_broker = GENERATE(false, true);
  CAPTURE(by_broker);
  LogRun run(sink(cluster, by_broker ? "" : ", options: {message.max.bytes: 2000}"));
  Writer writer(run.logs() / "app.log");
  writer.write(50);
  if (by_broker) {
    // Once for all that went together, once for the first that goes alone.
    rd_kafka_mock_push_request_errors(cluster.mock(), produce, 2, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE,
                                      RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
  } else {
    write_file(run.logs() / "large.log", std::string(5000, 'x') + "\n");
  }
  run.start();
  const double expected = by_broker ? 49 : 50;
  CHECK(wait_until([&] { return delivered(run) == expected; }));
  CHECK(run.terminate().code == 0);
  CHECK(messages_of(cluster.read(static_cast<std::size_t>(expected))).size() == static_cast<std::size_t>(expected));
  const auto letters = read_file_if_exists(run.directory() / "state/out.rejected.ndjson").value_or("");
  const auto letter = nlohmann::json::parse(letters);
  CHECK(letter.at("reason").get<std::string>().find("too large") != std::string::npos);
  CHECK(letter.at("record").at("message") == (by_broker ? line_of(0) : std::string(5000, 'x')));
}

TEST_CASE("transactions that brokers delay, refuse and abort are tried again until all is committed") {
  KafkaCluster cluster("logs");
  LogRun run(sink(cluster, ", exactlyOnce: true, transactionalId: t, timeout: 10s"));
  rd_kafka_mock_push_request_errors(cluster.mock(), init_producer_id, 2, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE,
                                    RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS);
  rd_kafka_mock_push_request_errors(cluster.mock(), txn_offset_commit, 1,
                                    RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS);
  rd_kafka_mock_push_request_errors(cluster.mock(), end_txn, 1, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE);
  run.start();
  Writer writer(run.logs() / "app.log");
  writer.write(2000);
  CHECK(wait_until([&] { return delivered(run) == 2000; }));
  // What ends a transaction for good: all of it is sent again.
  rd_kafka_mock_push_request_errors(cluster.mock(), produce, 1, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  writer.write(1000);
  CHECK(wait_until([&] { return delivered(run) == 3000; }));
  // Another one with our id shuts us out: we begin anew.
  rd_kafka_mock_push_request_errors(cluster.mock(), end_txn, 1, RD_KAFKA_RESP_ERR_PRODUCER_FENCED);
  writer.write(1000);
  CHECK(wait_until([&] { return delivered(run) == 4000; }));
  CHECK(run.terminate().code == 0);
  auto messages = messages_of(cluster.read(4000));  // the mock cluster shows what was aborted, too
  for (auto& [message, count] : messages) count = std::min(count, 1);
  CHECK(compare(messages, 4000) == "");
}

namespace {

void kill_the_sender_ten_times(const std::string& faults) {
  StrictBroker broker(faults);
  LogRun run("- {name: out, type: kafka, brokers: [\"" + broker.address() +
             "\"], topic: logs, exactlyOnce: true, timeout: 10s, batch: {maxBytes: 8Ki}, "
             "options: {retry.backoff.ms: 20, reconnect.backoff.ms: 10, reconnect.backoff.max.ms: 100}}");
  run.start();
  Writer writer(run.logs() / "app.log");
  for (std::size_t i = 1; i <= 10; ++i) {
    writer.write(600);
    CHECK(wait_until([&] { return broker.messages().size() >= i * 600 - 500; }));
    run.kill();
    run.start();
  }
  CHECK(wait_until([&] { return broker.messages().size() >= 6000; }));
  CHECK(run.terminate().code == 0);
  const auto all = broker.messages();
  CHECK(compare(messages_of(all), 6000) == "");
  CHECK(in_order(all));
  CHECK(broker.complaints() == "");
}

}  // namespace

TEST_CASE(
    "with exactlyOnce a topic gets every line once and in order, though the sender is killed ten times and does not "
    "hear "
    "what was produced, noted and committed",
    "[unheard-end]") {
  kill_the_sender_ten_times("produce=7,note=5,end=3");
}

TEST_CASE(
    "with exactlyOnce a topic gets every line once and in order, though the sender is killed ten times and does not "
    "hear "
    "what was begun, read and committed",
    "[unheard-begin]") {
  kill_the_sender_ten_times("init=2,partitions=4,fetch=2,end=2");
}

TEST_CASE("a FIFO in place of a file of librdkafka's is told, and does not hold up the end") {
  KafkaCluster cluster("logs");
  LogRun run(sink(cluster, ", options: {security.protocol: ssl, ssl.ca.location: DIR/fifo}"),
             "shutdown: {deadline: 1s}");
  REQUIRE(::mkfifo((run.directory() / "fifo").c_str(), 0600) == 0);
  run.start();
  Writer(run.logs() / "app.log").write(1);
  CHECK(
      wait_until([&] { return read_file(run.output()).find("is neither a file nor a folder") != std::string::npos; }));
  CHECK(run.terminate().code == 69);
}

TEST_CASE("tandem-log without a Kafka sink does not load librdkafka, with one it does") {
  KafkaCluster cluster("logs");
  for (const bool kafka : {false, true}) {
    LogRun run(kafka ? sink(cluster) : "- {name: out, type: file, path: DIR/out}");
    run.start();
    const auto maps = read_file("/proc/" + std::to_string(run.child().pid()) + "/maps");
    CHECK((maps.find("librdkafka") != std::string::npos) == kafka);
    CHECK(run.terminate().code == 0);
  }
}
