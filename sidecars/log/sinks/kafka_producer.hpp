// A Kafka producer that takes one batch after the other. It waits, so it lives on a thread of its own.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sidecars/log/sinks/conceal.hpp"
#include "sidecars/log/sinks/kafka_library.hpp"
#include "sidecars/log/sinks/kafka_marks.hpp"
#include "sidecars/log/sinks/outcome.hpp"

namespace tandem::shipper {

struct KafkaOptions {
  std::vector<std::pair<std::string, std::string>> properties;  // of librdkafka, but for secrets
  std::string topic;
  std::string password_file;     // its content becomes sasl.password
  std::string transactional_id;  // empty: no transactions
  bool json = true;              // what values are, for the dead-letter file
  std::chrono::milliseconds timeout{30'000};
};

class KafkaProducer {
 public:
  KafkaProducer(const KafkaLibrary& library, KafkaOptions options) : kafka_(library), options_(std::move(options)) {}
  ~KafkaProducer() { close(); }
  KafkaProducer(const KafkaProducer&) = delete;
  KafkaProducer& operator=(const KafkaProducer&) = delete;

  // `body` is of make_kafka_format(). A batch that is not delivered must come again before another one: what librdkafka
  // still has of it is waited for then, not sent again. Returns soon after `stop` was set.
  //
  // Without transactions a message comes twice only when this process or a broker dies at the wrong moment. With them a
  // batch is one transaction, in which the batch's id goes into the group's note; the next process with this
  // transactional id reads it, after Kafka has ended what the one before it had begun.
  Outcome send(const std::string& id, std::string_view body, const std::atomic<bool>& stop);

 private:
  using Clock = std::chrono::steady_clock;
  // suspect: a message set with it was too large for the broker, so it is sent alone.
  enum class State : char { unsent, queued, suspect, queued_alone, delivered, refused };

  Outcome open();
  rd_kafka_conf_t* configure(std::string& why, bool producer);
  void close();
  bool may_go_on() const { return !*stop_ && Clock::now() < deadline_; }
  bool transactional() const { return !options_.transactional_id.empty(); }

  std::string enqueue(std::string_view body);
  void await_reports();
  void collect_refused(std::string_view body, Outcome& outcome) const;
  void report(const rd_kafka_message_t& message);
  Outcome later(std::string why) const;

  // kafka_transactions.cpp
  std::string open_transactions();  // "", or why not
  std::string read_marks();
  Outcome commit(const std::string& id);
  Outcome give_up(std::string why);  // aborts the transaction

  const KafkaLibrary& kafka_;
  KafkaOptions options_;
  KnownSecrets secrets_;
  Clock::time_point deadline_;  // of the send at hand, with stop_
  const std::atomic<bool>* stop_ = nullptr;
  rd_kafka_t* handle_ = nullptr;
  KafkaMarks marks_;
  std::string id_;                                            // of the batch at hand
  std::vector<State> states_;                                 // of its records
  std::vector<std::pair<std::size_t, std::string>> reasons_;  // why records were refused
  std::size_t queued_ = 0;
  std::string message_problem_;  // why a message of this try was not delivered
  std::string problem_;          // the last that librdkafka said
  bool unknown_ = false;         // a broker does not accept who we say we are
};

// "", or what is wrong with the name or the value.
std::string check_kafka_property(const KafkaLibrary& library, const std::string& name, const std::string& value);

}  // namespace tandem::shipper
