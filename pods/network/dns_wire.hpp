// Reading and writing the parts of a DNS message; bounds are checked here and only here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tandem::network::dns {

inline constexpr std::size_t header_bytes = 12;

class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : bytes_(bytes) {}

  std::size_t position() const { return position_; }
  std::string_view from(std::size_t start) const { return bytes_.substr(start, position_ - start); }
  std::optional<std::uint8_t> byte();
  std::optional<std::uint16_t> number16();
  std::optional<std::uint32_t> number32();
  std::optional<std::string_view> take(std::size_t count);
  // Follows compression pointers, each of which must point before the part it was read from (so it ends) and past the
  // header (which changes between question and answer). For readers of a whole message.
  std::optional<std::string> name();

 private:
  std::string_view bytes_;
  std::size_t position_ = 0;
};

class WireWriter {
 public:
  void byte(std::uint8_t value) { bytes_.push_back(static_cast<char>(value)); }
  void number16(std::uint16_t value);
  void number32(std::uint32_t value);
  void raw(std::string_view bytes) { bytes_.append(bytes); }
  bool name(std::string_view name);  // false, and nothing written: not a name
  void set16(std::size_t offset, std::uint16_t value);
  std::size_t size() const { return bytes_.size(); }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

}  // namespace tandem::network::dns
