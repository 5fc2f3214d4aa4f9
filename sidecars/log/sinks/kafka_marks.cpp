#include "sidecars/log/sinks/kafka_marks.hpp"

#include <algorithm>
#include <charconv>

#include "sidecars/log/hash.hpp"

namespace tandem::shipper {
namespace {

constexpr std::string_view title = "tandem-log 1";
constexpr std::size_t most = 64, digits = 16;

}  // namespace

void KafkaMarks::restore(std::string_view note, std::int64_t count) {
  hashes_.clear();
  count_ = std::max<std::int64_t>(count, 0);
  if (!note.starts_with(title)) return;
  note.remove_prefix(title.size());
  while (note.size() > digits && note[0] == ' ') {
    std::uint64_t hash = 0;
    const char* const begin = note.data() + 1;
    const auto [end, failed] = std::from_chars(begin, begin + digits, hash, 16);
    if (failed != std::errc() || end != begin + digits) return;
    hashes_.push_back(hash);
    note.remove_prefix(1 + digits);
  }
}

bool KafkaMarks::has(std::string_view batch_id) const {
  return std::find(hashes_.begin(), hashes_.end(), hash64(batch_id)) != hashes_.end();
}

void KafkaMarks::add(std::string_view batch_id) {
  hashes_.push_back(hash64(batch_id));
  if (hashes_.size() > most) hashes_.pop_front();
  ++count_;
}

std::string KafkaMarks::note() const {
  std::string text(title);
  for (const auto hash : hashes_) {
    text += ' ';
    for (int shift = 60; shift >= 0; shift -= 4) text += "0123456789abcdef"[hash >> shift & 15];
  }
  return text;
}

}  // namespace tandem::shipper
