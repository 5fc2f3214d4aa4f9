// librdkafka's own mock cluster, and a consumer of one topic.
#pragma once

#include <librdkafka/rdkafka.h>

#include <map>
#include <string>
#include <vector>

// After rdkafka.h, as it demands.
#include <librdkafka/rdkafka_mock.h>

namespace tandem::test {

struct KafkaMessage {
  std::string key, value;
  std::int64_t time_ms = 0;
  std::int32_t partition = 0;
};

class KafkaCluster {
 public:
  explicit KafkaCluster(const std::string& topic, int partitions = 3, int brokers = 3);
  ~KafkaCluster();
  KafkaCluster(const KafkaCluster&) = delete;
  KafkaCluster& operator=(const KafkaCluster&) = delete;

  std::string brokers() const { return rd_kafka_mock_cluster_bootstraps(cluster_); }
  rd_kafka_mock_cluster_t* mock() { return cluster_; }
  void set_down(bool down);  // all brokers

  // What the topic has, each partition in its order; waits until there are that many, or 60 s.
  const std::vector<KafkaMessage>& read(std::size_t wanted);
  std::size_t count() { return read(0).size(); }

 private:
  std::string topic_;
  int brokers_;
  rd_kafka_t *owner_ = nullptr, *consumer_ = nullptr;
  rd_kafka_mock_cluster_t* cluster_ = nullptr;
  std::vector<KafkaMessage> messages_;
};

}  // namespace tandem::test
