// One record between its line and the wire: the fields that are known of it, in the order in which they are written.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory_resource>
#include <string_view>
#include <vector>

#include "sidecars/log/file_id.hpp"

namespace tandem::shipper {

struct Field {
  std::string_view name;  // any bytes
  std::string_view text;  // of a string: its bytes, whatever they are; of a literal: valid JSON without a newline
  bool literal = false;   // a number, true, false, null, an object or an array
  // `"name":value` as valid JSON (UTF-8, no newline) where somebody has it already: it is copied then, not escaped
  // again. Empty: not known. Members that lie one behind the other in memory, a comma between them, are copied as one:
  // who makes several lays them so.
  std::string_view member;
};

// Most names differ in their length or first byte, which is seen without a call.
inline bool is_name(std::string_view one, std::string_view other) {
  if (one.size() != other.size()) return false;
  return one.empty() || (one[0] == other[0] && std::memcmp(one.data(), other.data(), one.size()) == 0);
}

// One of 64 bits: names with different bits differ, and mostly they do.
inline std::uint64_t name_mark(std::string_view name) {
  const std::size_t first = name.empty() ? 0 : static_cast<unsigned char>(name[0]);
  return std::uint64_t{1} << ((first + name.size() * 11) & 63);
}

// Views in a field point into the line, into the event's own memory (keep, claim), or to what outlives the event.
class Event {
 public:
  Event() : memory_(first_block_, sizeof first_block_) {}
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  std::int64_t time_ns = 0;  // since the epoch: when it was read, unless a transform knows when it was written
  FileId file;  // with offset and piece: what makes the record unlike any other, and the same after a crash
  std::uint64_t offset = 0;  // of its first byte in the file's generation
  std::uint64_t piece = 0;   // of a line that is longer than the limit
  // Of a piece: where the message lies in memory, with so many bytes of its line beside it. As long as nobody set
  // another.
  const char* message = nullptr;
  std::size_t before = 0, behind = 0;
  std::vector<Field> fields;

  const Field* find(std::string_view name) const;  // nullptr: there is none
  // The bytes of a string, the JSON of a literal; empty when there is no such field.
  std::string_view text(std::string_view name) const;
  // In the place of the field of that name, or at the end.
  void set(const Field& field);
  void set(std::string_view name, std::string_view text, bool literal = false) { set(Field{name, text, literal, {}}); }
  bool remove(std::string_view name);  // false: there is none

  std::string_view keep(std::string_view bytes);  // a copy that lives until clear()
  char* claim(std::size_t bytes);                 // uninitialised memory that lives until clear()
  void clear();                                   // forgets fields and memory

 private:
  alignas(16) char first_block_[16 * 1024];
  std::pmr::monotonic_buffer_resource memory_;
};

}  // namespace tandem::shipper
