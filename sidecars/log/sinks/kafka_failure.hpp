// What a call of librdkafka's came to, and calls that go on after their time limit.
#pragma once

#include <chrono>
#include <string>

#include "sidecars/log/sinks/kafka_library.hpp"

namespace tandem::shipper {

constexpr int kafka_slice_ms = 100;  // how long nobody looks whether to stop

// Milliseconds to `deadline`: at least 1, at most `most`.
int kafka_time_left(std::chrono::steady_clock::time_point deadline, int most);

struct KafkaFailure {
  bool failed = false, retriable = false, must_abort = false;
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::string text;
};

// Destroys `error`; null is no failure.
KafkaFailure take_failure(const KafkaLibrary& kafka, rd_kafka_error_t* error);

// Calls until it succeeds, fails for good, or nobody wants to go on: each call goes on where the one before it ran out
// of time.
template <class Call, class GoOn>
KafkaFailure persist(const KafkaLibrary& kafka, Call&& call, GoOn&& go_on) {
  for (;;) {
    KafkaFailure failure = take_failure(kafka, call());
    if (!failure.failed || !failure.retriable || !go_on()) return failure;
  }
}

}  // namespace tandem::shipper
