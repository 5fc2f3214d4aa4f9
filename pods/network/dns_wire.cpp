#include "pods/network/dns_wire.hpp"

#include <cctype>
#include <cstdio>

namespace tandem::network::dns {

namespace {

constexpr std::size_t most_label_bytes = 63, most_name_bytes = 255;

bool is_plain(unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; }

void append_label(std::string& name, std::string_view label) {
  if (!name.empty()) name += '.';
  for (const unsigned char c : label) {
    if (is_plain(c)) {
      name += static_cast<char>(std::tolower(c));
      continue;
    }
    char escaped[5];
    std::snprintf(escaped, sizeof escaped, "\\%03u", c);
    name += escaped;
  }
}

// One label of a written name: \DDD is a byte.
std::optional<std::string> unescape(std::string_view label) {
  std::string bytes;
  for (std::size_t i = 0; i < label.size(); ++i) {
    if (label[i] != '\\') {
      bytes += label[i];
      continue;
    }
    if (label.size() - i < 4) return std::nullopt;
    int value = 0;
    for (std::size_t digit = i + 1; digit < i + 4; ++digit) {
      if (!std::isdigit(static_cast<unsigned char>(label[digit]))) return std::nullopt;
      value = value * 10 + (label[digit] - '0');
    }
    if (value > 255) return std::nullopt;
    bytes += static_cast<char>(value);
    i += 3;
  }
  if (bytes.empty() || bytes.size() > most_label_bytes) return std::nullopt;
  return bytes;
}

}  // namespace

std::optional<std::uint8_t> WireReader::byte() {
  if (position_ >= bytes_.size()) return std::nullopt;
  return static_cast<std::uint8_t>(bytes_[position_++]);
}

std::optional<std::uint16_t> WireReader::number16() {
  const auto bytes = take(2);
  if (!bytes) return std::nullopt;
  return static_cast<std::uint16_t>(static_cast<unsigned char>((*bytes)[0]) << 8 |
                                    static_cast<unsigned char>((*bytes)[1]));
}

std::optional<std::uint32_t> WireReader::number32() {
  const auto high = number16(), low = number16();
  if (!high || !low) return std::nullopt;
  return static_cast<std::uint32_t>(*high) << 16 | *low;
}

std::optional<std::string_view> WireReader::take(std::size_t count) {
  if (bytes_.size() - position_ < count) return std::nullopt;
  position_ += count;
  return bytes_.substr(position_ - count, count);
}

std::optional<std::string> WireReader::name() {
  std::string name;
  std::size_t wire_bytes = 1;  // the final zero
  std::size_t start = position_, end = 0;
  WireReader at = *this;
  for (;;) {
    const auto length = at.byte();
    if (!length) return std::nullopt;
    if (*length == 0) break;
    if ((*length & 0xc0) == 0xc0) {
      const auto low = at.byte();
      if (!low) return std::nullopt;
      const std::size_t target = (*length & 0x3fu) << 8 | *low;
      if (target >= start || target < header_bytes) return std::nullopt;
      if (end == 0) end = at.position_;
      start = at.position_ = target;
      continue;
    }
    if (*length > most_label_bytes) return std::nullopt;
    const auto label = at.take(*length);
    wire_bytes += *length + 1u;
    if (!label || wire_bytes > most_name_bytes) return std::nullopt;
    append_label(name, *label);
  }
  position_ = end ? end : at.position_;
  return name;
}

void WireWriter::number16(std::uint16_t value) {
  byte(static_cast<std::uint8_t>(value >> 8));
  byte(static_cast<std::uint8_t>(value));
}

void WireWriter::number32(std::uint32_t value) {
  number16(static_cast<std::uint16_t>(value >> 16));
  number16(static_cast<std::uint16_t>(value));
}

bool WireWriter::name(std::string_view name) {
  std::string wire;
  while (!name.empty()) {
    const auto dot = name.find('.');
    const auto label = unescape(name.substr(0, dot));
    if (!label) return false;
    wire += static_cast<char>(label->size());
    wire += *label;
    if (dot == std::string_view::npos) break;
    name.remove_prefix(dot + 1);
  }
  if (wire.size() + 1 > most_name_bytes) return false;
  wire += '\0';
  raw(wire);
  return true;
}

void WireWriter::set16(std::size_t offset, std::uint16_t value) {
  bytes_[offset] = static_cast<char>(value >> 8);
  bytes_[offset + 1] = static_cast<char>(value);
}

}  // namespace tandem::network::dns
