#include "sidecars/log/sinks/kafka_failure.hpp"

#include <algorithm>

namespace tandem::shipper {

int kafka_time_left(std::chrono::steady_clock::time_point deadline, int most) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 1, most));
}

KafkaFailure take_failure(const KafkaLibrary& kafka, rd_kafka_error_t* error) {
  KafkaFailure failure;
  if (!error) return failure;
  failure.failed = true;
  failure.retriable = kafka.error_is_retriable_(error);
  failure.must_abort = kafka.error_txn_requires_abort_(error);
  failure.code = kafka.error_code_(error);
  failure.text = kafka.error_string_(error);
  kafka.error_destroy_(error);
  return failure;
}

}  // namespace tandem::shipper
