// One client's TCP connection: messages with a length before them (RFC 1035, 4.2.2). Buffers only, no socket.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "pods/network/dns_message.hpp"

namespace tandem::network::dns {

class Framing {
 public:
  static constexpr std::size_t most_query_bytes = 4096;
  static constexpr std::size_t most_unsent_bytes = 2 * (max_message_bytes + 2);

  explicit Framing(std::size_t most_bytes = most_query_bytes) : most_bytes_(most_bytes) {}

  void received(std::string_view bytes) { in_.append(bytes); }
  std::optional<Bytes> next_message();  // nullopt: not whole yet
  bool too_long() const;                // the peer announced more than it may: hang up

  void queue(std::string_view message);
  std::string_view unsent() const { return out_; }
  void sent(std::size_t count) { out_.erase(0, count); }
  bool too_slow() const { return out_.size() > most_unsent_bytes; }  // does not read its answers: hang up

 private:
  std::size_t announced() const;

  std::size_t most_bytes_;  // of a message that comes in
  std::string in_, out_;
};

}  // namespace tandem::network::dns
