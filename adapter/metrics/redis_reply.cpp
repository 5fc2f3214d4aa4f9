#include "adapter/metrics/redis_reply.hpp"

#include <charconv>

namespace tandem::metrics {

namespace {

constexpr std::size_t longest_line = 64 * 1024;

}  // namespace

RedisReply read_redis_reply(std::string_view bytes, std::size_t limit_bytes) {
  using State = RedisReply::State;
  auto end = bytes.find("\r\n");
  if (end == std::string_view::npos) return {bytes.size() > longest_line ? State::broken : State::incomplete, {}, 0};
  if (end == 0) return {State::broken, {}, 0};
  auto line = bytes.substr(1, end - 1);
  if (bytes[0] == '+' || bytes[0] == ':') return {State::text, line, end + 2};
  if (bytes[0] == '-') return {State::error, line, end + 2};
  if (bytes[0] != '$') return {State::broken, {}, 0};
  std::size_t length = 0;
  auto [stop, failure] = std::from_chars(line.data(), line.data() + line.size(), length);
  if (failure != std::errc{} || stop != line.data() + line.size() || length > limit_bytes)
    return {State::broken, {}, 0};
  if (bytes.size() < end + 2 + length + 2) return {State::incomplete, {}, 0};
  if (bytes.substr(end + 2 + length, 2) != "\r\n") return {State::broken, {}, 0};
  return {State::text, bytes.substr(end + 2, length), end + 2 + length + 2};
}

std::string redis_command(const std::vector<std::string>& words) {
  std::string out = "*" + std::to_string(words.size()) + "\r\n";
  for (const auto& word : words) out += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  return out;
}

}  // namespace tandem::metrics
