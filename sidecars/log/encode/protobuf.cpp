#include "sidecars/log/encode/protobuf.hpp"

#include <bit>
#include <cstring>

namespace tandem::shipper {
namespace {

constexpr std::size_t padded_length = 5;  // 35 bits

void put_little(std::uint64_t value, char* to) {
  for (int i = 0; i < 8; ++i) to[i] = static_cast<char>(value >> (8 * i));
}

std::uint64_t get_little(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

}  // namespace

std::size_t varint_size(std::uint64_t value) { return (static_cast<std::size_t>(std::bit_width(value | 1)) + 6) / 7; }

void ProtobufWriter::varint(std::uint64_t value) {
  char* const begin = out_->claim(10);
  char* to = begin;
  for (; value >= 0x80; value >>= 7) *to++ = static_cast<char>(value | 0x80);
  *to++ = static_cast<char>(value);
  out_->commit(static_cast<std::size_t>(to - begin));
}

void ProtobufWriter::number(std::uint32_t field, std::uint64_t value) {
  varint(field << 3 | static_cast<std::uint32_t>(Wire::varint));
  varint(value);
}

void ProtobufWriter::fixed64(std::uint32_t field, std::uint64_t value) {
  varint(field << 3 | static_cast<std::uint32_t>(Wire::fixed64));
  put_little(value, out_->claim(8));
  out_->commit(8);
}

void ProtobufWriter::floating(std::uint32_t field, double value) {
  fixed64(field, std::bit_cast<std::uint64_t>(value));
}

void ProtobufWriter::header(std::uint32_t field, std::size_t length) {
  varint(field << 3 | static_cast<std::uint32_t>(Wire::bytes));
  varint(length);
}

void ProtobufWriter::bytes(std::uint32_t field, std::string_view value) {
  header(field, value.size());
  out_->append(value);
}

std::size_t ProtobufWriter::open(std::uint32_t field) {
  varint(field << 3 | static_cast<std::uint32_t>(Wire::bytes));
  const std::size_t at = out_->size();
  out_->claim(padded_length);
  out_->commit(padded_length);
  return at;
}

void ProtobufWriter::close(std::size_t opened) {
  std::uint64_t length = out_->size() - opened - padded_length;
  char* const to = out_->claim(0) - (out_->size() - opened);
  for (std::size_t i = 0; i < padded_length; ++i, length >>= 7)
    to[i] = static_cast<char>((length & 0x7f) | (i + 1 < padded_length ? 0x80 : 0));
}

bool ProtobufReader::take_varint(std::uint64_t& value) {
  value = 0;
  for (unsigned shift = 0; shift < 70 && !rest_.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(rest_[0]);
    rest_.remove_prefix(1);
    if (shift < 64) value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

std::optional<ProtobufField> ProtobufReader::next() {
  if (failed_ || rest_.empty()) return std::nullopt;
  failed_ = true;
  ProtobufField field;
  std::uint64_t tag = 0;
  if (!take_varint(tag) || tag >> 3 == 0 || tag >> 3 > 0x1fffffff) return std::nullopt;
  field.number = static_cast<std::uint32_t>(tag >> 3);
  field.wire = static_cast<Wire>(tag & 7);
  std::uint64_t length = 0;
  switch (field.wire) {
    case Wire::varint:
      if (!take_varint(field.value)) return std::nullopt;
      break;
    case Wire::bytes:
      if (!take_varint(length) || length > rest_.size()) return std::nullopt;
      field.bytes = rest_.substr(0, length);
      rest_.remove_prefix(length);
      break;
    case Wire::fixed64:
    case Wire::fixed32:
      length = field.wire == Wire::fixed64 ? 8 : 4;
      if (rest_.size() < length) return std::nullopt;
      field.value = get_little(rest_.substr(0, length));
      rest_.remove_prefix(length);
      break;
    default:  // groups, which proto3 does not have
      return std::nullopt;
  }
  failed_ = false;
  return field;
}

}  // namespace tandem::shipper
