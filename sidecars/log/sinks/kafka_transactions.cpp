// The part of KafkaProducer that makes a batch one transaction, with the batch's id in the group's note.
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "sidecars/log/sinks/kafka_failure.hpp"
#include "sidecars/log/sinks/kafka_producer.hpp"

namespace tandem::shipper {

using namespace std::chrono_literals;

// Ends whatever a process before us had begun under this id, and shuts it out if it still lives.
std::string KafkaProducer::open_transactions() {
  const KafkaFailure failure = persist(
      kafka_, [&] { return kafka_.init_transactions_(handle_, kafka_slice_ms); }, [&] { return may_go_on(); });
  return failure.failed ? "begin as " + options_.transactional_id + ": " + failure.text : read_marks();
}

std::string KafkaProducer::read_marks() {
  std::string why;
  rd_kafka_conf_t* const conf = configure(why, false);
  if (!conf) return why;
  char text[512] = "";
  rd_kafka_t* const reader = kafka_.new_(RD_KAFKA_CONSUMER, conf, text, sizeof text);
  if (!reader) {
    kafka_.conf_destroy_(conf);
    return text;
  }
  rd_kafka_topic_partition_list_t* const list = kafka_.topic_partition_list_new_(1);
  rd_kafka_topic_partition_t* const place = kafka_.topic_partition_list_add_(list, options_.topic.c_str(), 0);
  rd_kafka_resp_err_t error = kafka_.committed_(reader, list, kafka_time_left(deadline_, 2000));
  if (!error) error = place->err;
  if (error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || error == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION) {
    marks_.restore("", 0);  // nobody has written to it
  } else if (error) {
    why = "read what was committed: " + std::string(kafka_.err2str_(error));
  } else {
    marks_.restore({static_cast<const char*>(place->metadata), place->metadata_size}, place->offset);
  }
  kafka_.topic_partition_list_destroy_(list);
  kafka_.destroy_flags_(reader, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  return why;
}

Outcome KafkaProducer::commit(const std::string& id) {
  KafkaMarks marks = marks_;
  marks.add(id);
  const std::string note = marks.note();
  rd_kafka_topic_partition_list_t* const list = kafka_.topic_partition_list_new_(1);
  rd_kafka_topic_partition_t* const place = kafka_.topic_partition_list_add_(list, options_.topic.c_str(), 0);
  place->offset = marks.count();
  place->metadata = std::malloc(note.size() + 1);  // freed with the list, by free()
  std::memcpy(place->metadata, note.c_str(), note.size() + 1);
  place->metadata_size = note.size();
  rd_kafka_consumer_group_metadata_t* const group =
      kafka_.consumer_group_metadata_new_(options_.transactional_id.c_str());
  const auto go_on = [&] { return may_go_on(); };
  KafkaFailure failure = persist(
      kafka_, [&] { return kafka_.send_offsets_to_transaction_(handle_, list, group, kafka_slice_ms); }, go_on);
  kafka_.consumer_group_metadata_destroy_(group);
  kafka_.topic_partition_list_destroy_(list);
  if (failure.failed) return give_up("put the batch's id into the transaction: " + failure.text);
  failure = persist(
      kafka_, [&] { return kafka_.commit_transaction_(handle_, kafka_slice_ms); }, go_on);
  if (!failure.failed) {
    marks_ = std::move(marks);
    return {};
  }
  if (failure.must_abort) return give_up("commit: " + failure.text);
  close();  // it may be committed or not: who opens it again will know
  return later("commit: " + failure.text);
}

Outcome KafkaProducer::give_up(std::string why) {
  const auto until = std::max(deadline_, Clock::now() + 5s);
  const KafkaFailure failure = persist(
      kafka_, [&] { return kafka_.abort_transaction_(handle_, kafka_slice_ms); },
      [&] { return !*stop_ && Clock::now() < until; });
  if (failure.failed || queued_ > 0) close();
  return later(std::move(why));
}

}  // namespace tandem::shipper
