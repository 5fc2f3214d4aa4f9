#include "tests/integration/log-streams/kafka_cluster.hpp"

#include <chrono>
#include <stdexcept>

namespace tandem::test {
namespace {

using Clock = std::chrono::steady_clock;

rd_kafka_t* make(rd_kafka_type_t type, const std::map<std::string, std::string>& properties) {
  rd_kafka_conf_t* const conf = rd_kafka_conf_new();
  char why[512];
  for (const auto& [name, value] : properties)
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), why, sizeof why) != RD_KAFKA_CONF_OK)
      throw std::runtime_error(why);
  rd_kafka_conf_set_log_cb(conf, [](const rd_kafka_t*, int, const char*, const char*) {});
  rd_kafka_t* const handle = rd_kafka_new(type, conf, why, sizeof why);
  if (!handle) throw std::runtime_error(why);
  return handle;
}

}  // namespace

KafkaCluster::KafkaCluster(const std::string& topic, int partitions, int brokers) : topic_(topic), brokers_(brokers) {
  owner_ = make(RD_KAFKA_PRODUCER, {});
  cluster_ = rd_kafka_mock_cluster_new(owner_, brokers);
  rd_kafka_mock_topic_create(cluster_, topic.c_str(), partitions, brokers);
  consumer_ = make(RD_KAFKA_CONSUMER, {{"bootstrap.servers", this->brokers()}, {"group.id", "test"}});
  rd_kafka_topic_partition_list_t* const list = rd_kafka_topic_partition_list_new(partitions);
  for (int partition = 0; partition < partitions; ++partition)
    rd_kafka_topic_partition_list_add(list, topic.c_str(), partition)->offset = RD_KAFKA_OFFSET_BEGINNING;
  rd_kafka_assign(consumer_, list);
  rd_kafka_topic_partition_list_destroy(list);
}

KafkaCluster::~KafkaCluster() {
  rd_kafka_destroy_flags(consumer_, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  rd_kafka_mock_cluster_destroy(cluster_);
  rd_kafka_destroy(owner_);
}

void KafkaCluster::set_down(bool down) {
  for (int broker = 1; broker <= brokers_; ++broker) {
    if (down)
      rd_kafka_mock_broker_set_down(cluster_, broker);
    else
      rd_kafka_mock_broker_set_up(cluster_, broker);
  }
}

const std::vector<KafkaMessage>& KafkaCluster::read(std::size_t wanted) {
  const auto deadline = Clock::now() + std::chrono::seconds(60);
  // When all are there, a little longer: what comes twice comes late.
  for (int quiet = 0; Clock::now() < deadline && (messages_.size() < wanted || quiet < 5);) {
    rd_kafka_message_t* const message = rd_kafka_consumer_poll(consumer_, 100);
    if (!message) {
      ++quiet;
      continue;
    }
    if (!message->err) {
      quiet = 0;
      KafkaMessage& own = messages_.emplace_back();
      own.key.assign(static_cast<const char*>(message->key), message->key_len);
      own.value.assign(static_cast<const char*>(message->payload), message->len);
      own.partition = message->partition;
      own.time_ms = rd_kafka_message_timestamp(message, nullptr);
    }
    rd_kafka_message_destroy(message);
  }
  return messages_;
}

}  // namespace tandem::test
