// Which batches a topic has, as a note that Kafka keeps with a consumer group's offset and changes in the same
// transaction in which it takes the batch. Pure.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace tandem::shipper {

class KafkaMarks {
 public:
  // The note of a committed offset; what is none of ours counts for nothing.
  void restore(std::string_view note, std::int64_t count);
  bool has(std::string_view batch_id) const;
  void add(std::string_view batch_id);
  // "tandem-log 1 HASH HASH ..", the last 64: 1.1 KB, where brokers allow 4 (offset.metadata.max.bytes).
  std::string note() const;
  std::int64_t count() const { return count_; }  // batches so far: the offset itself, for people who look

 private:
  std::deque<std::uint64_t> hashes_;
  std::int64_t count_ = 0;
};

}  // namespace tandem::shipper
