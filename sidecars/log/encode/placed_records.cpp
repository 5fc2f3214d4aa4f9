#include "sidecars/log/encode/placed_records.hpp"

#include <cstring>

namespace tandem::shipper {
namespace {

// As it lies in memory: a body never leaves the process.
struct Head {
  std::uint64_t high, low, offset;
  std::int64_t time_ns;
  std::uint64_t key_size, content_size;
  std::uint64_t parts;
};

}  // namespace

std::size_t open_record(const Event& event, std::string_view key, Buffer& body) {
  const std::size_t opened = body.size();
  const Head head{event.file.high, event.file.low, event.offset, event.time_ns, key.size(), 0, 0};
  std::memcpy(body.claim(sizeof head), &head, sizeof head);
  body.commit(sizeof head);
  body.append(key);
  return opened;
}

void close_record(std::size_t opened, std::uint32_t parts, Buffer& body) {
  char* const at = body.claim(0) - (body.size() - opened);
  Head head;
  std::memcpy(&head, at, sizeof head);
  head.content_size = body.size() - opened - sizeof head - head.key_size;
  head.parts = parts;
  std::memcpy(at, &head, sizeof head);
}

bool PlacedRecords::next(PlacedRecord& record) {
  Head head;
  if (rest_.size() < sizeof head) return false;
  std::memcpy(&head, rest_.data(), sizeof head);
  record.file = {head.high, head.low};
  record.offset = head.offset;
  record.time_ns = head.time_ns;
  record.parts = static_cast<std::uint32_t>(head.parts);
  record.key = rest_.substr(sizeof head, head.key_size);
  record.content = rest_.substr(sizeof head + head.key_size, head.content_size);
  rest_.remove_prefix(sizeof head + head.key_size + head.content_size);
  return true;
}

}  // namespace tandem::shipper
