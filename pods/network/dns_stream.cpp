#include "pods/network/dns_stream.hpp"

namespace tandem::network::dns {

std::size_t Framing::announced() const {
  return static_cast<std::size_t>(static_cast<unsigned char>(in_[0])) << 8 | static_cast<unsigned char>(in_[1]);
}

bool Framing::too_long() const { return in_.size() >= 2 && announced() > most_bytes_; }

std::optional<Bytes> Framing::next_message() {
  if (in_.size() < 2 || too_long() || in_.size() < 2 + announced()) return std::nullopt;
  const std::size_t length = announced();
  Bytes message = in_.substr(2, length);
  in_.erase(0, 2 + length);
  return message;
}

void Framing::queue(std::string_view message) {
  out_ += static_cast<char>(message.size() >> 8);
  out_ += static_cast<char>(message.size());
  out_ += message;
}

}  // namespace tandem::network::dns
