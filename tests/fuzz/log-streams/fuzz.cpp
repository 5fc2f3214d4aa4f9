// What Redis answers, and the note that Kafka gives back.
#include <cstdlib>

#include "sidecars/log/sinks/kafka_marks.hpp"
#include "sidecars/log/sinks/redis_answer.hpp"

using namespace tandem;
using namespace tandem::shipper;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const RedisAnswer answer = judge_redis(bytes, net::Endpoint("redis", 6379));
  if (answer.kind == RedisAnswer::Kind::moved && (answer.node.host.empty() || answer.node.port == 0)) std::abort();
  if (answer.kind == RedisAnswer::Kind::later && answer.reason.empty()) std::abort();
  KafkaMarks marks, again;
  marks.restore(bytes, 1);
  again.restore(marks.note(), marks.count());
  if (again.note() != marks.note()) std::abort();
  return 0;
}
