// Protocol buffers' wire format, as far as messages of a known shape need it. Source: protobuf.dev, "Encoding".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "sidecars/log/buffer.hpp"

namespace tandem::shipper {

enum class Wire : std::uint32_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

class ProtobufWriter {
 public:
  explicit ProtobufWriter(Buffer& out) : out_(&out) {}

  void number(std::uint32_t field, std::uint64_t value);  // int64, uint64, bool, enum
  void fixed64(std::uint32_t field, std::uint64_t value);
  void floating(std::uint32_t field, double value);
  void bytes(std::uint32_t field, std::string_view value);  // bytes, and strings that are UTF-8 already
  // A message inside: everything up to close() is in it. Its length takes five bytes, filled in later; longer varints
  // than needed are valid.
  std::size_t open(std::uint32_t field);
  void close(std::size_t opened);
  // The same where the length is known: the caller writes exactly so many bytes.
  void header(std::uint32_t field, std::size_t length);

 private:
  void varint(std::uint64_t value);
  Buffer* out_;
};

std::size_t varint_size(std::uint64_t value);

struct ProtobufField {
  std::uint32_t number = 0;
  Wire wire = Wire::varint;
  std::uint64_t value = 0;  // of varint, fixed64, fixed32
  std::string_view bytes;   // of bytes
};

// Takes fields from the left of a message.
class ProtobufReader {
 public:
  explicit ProtobufReader(std::string_view message) : rest_(message) {}
  // Nullopt: the end, or bytes that are no message.
  std::optional<ProtobufField> next();
  bool failed() const { return failed_; }

 private:
  bool take_varint(std::uint64_t& value);
  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace tandem::shipper
