// As much of RESP2 as INFO needs: https://redis.io/docs/latest/develop/reference/protocol-spec/
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tandem::metrics {

struct RedisReply {
  enum class State { incomplete, text, error, broken } state = State::incomplete;
  std::string_view text;   // a simple string, a bulk string, or the error
  std::size_t length = 0;  // how many bytes of the input it took
};

// Reads the first reply of `bytes`. Pure; bulk strings past `limit_bytes` are broken.
RedisReply read_redis_reply(std::string_view bytes, std::size_t limit_bytes = 4u << 20);

std::string redis_command(const std::vector<std::string>& words);

}  // namespace tandem::metrics
