// The part of the Tailer that reads compressed files: what rotated ones became while nobody watched.
#include <algorithm>

#include "sidecars/log/tailer.hpp"

namespace tandem::shipper {
namespace {

constexpr std::size_t most_compressed = 10'000;   // names remembered
constexpr std::size_t most_unpacking = 256;       // files that wait for it, open
constexpr std::uint64_t unpack_slice = 4u << 20;  // while others wait

}  // namespace

// A compressed file is what a rotated one became, or an archive: it is of interest only when it is a new rotation or
// while something is sought that it may hold.
void Tailer::adopt_compressed(Place place, const std::string& source, Time now) {
  for (const auto& packed : unpacking_)
    if (packed.place.node() == place.node()) return;
  if (unpacking_.size() == most_unpacking) return;  // the next scan finds it
  if (compressed_.size() > most_compressed) compressed_.clear();
  Packed packed;
  packed.is_new = !compressed_.contains(place.shown);
  packed.is_rotation = packed.is_new && is_new_rotation(place, source, now);
  if (packed.is_rotation && writers_of(place.fd.get()) == Writers::some) return;  // it is not whole yet
  compressed_[place.shown] = {place.node(), scans_};
  packed.source = source;
  packed.place = std::move(place);
  if (packed.is_rotation || is_sought(packed.place.shown)) {
    if (!start_unpacking(packed)) {
      unpacking_.push_back(std::move(packed));
      return;
    }
  }
  adopt_unpacked(std::move(packed), now);
}

// True: it is done already. Most are small; a scan does so much, and what is more waits.
bool Tailer::start_unpacking(Packed& packed) {
  if (unpack_at_once_ == 0) return false;
  packed.unpacking = std::make_unique<Unpacking>(packed.place.fd.get(), store_->directory().string(), options_.unpack);
  const bool over = packed.unpacking->work(unpack_at_once_);
  unpack_at_once_ -= std::min(unpack_at_once_, packed.unpacking->done_bytes());
  return over;
}

void Tailer::unpack_some(Time now) {
  if (unpacking_.empty()) return;
  unpack_at_once_ = unpack_slice;
  auto& first = unpacking_.front();
  if (first.unpacking ? !first.unpacking->work(unpack_slice) : !start_unpacking(first)) return;
  Packed packed = std::move(unpacking_.front());
  unpacking_.pop_front();
  adopt_unpacked(std::move(packed), now);
  wants_scan_ = true;
}

void Tailer::adopt_unpacked(Packed packed, Time now) {
  Place& place = packed.place;
  if (packed.unpacking && take_plain(*packed.unpacking, place)) {
    const Match match = find_original(place, nullptr);
    if (match.original && match.original->record->seeking) return join(*match.original, std::move(place), now);
    if (packed.is_rotation) {
      place.listed = true;
      follow_new(packed.source, std::move(place), now);
      return;
    }
  }
  if (!packed.is_new) return;
  ++counts_.compressed_files;
  note(place.path + " is compressed and is not read");
}

bool Tailer::unpack_into(Place& place) {
  Unpacking unpacking(place.fd.get(), store_->directory().string(), options_.unpack);
  while (!unpacking.work(unpack_slice)) continue;
  return take_plain(unpacking, place);
}

bool Tailer::take_plain(Unpacking& unpacking, Place& place) {
  std::string problem;
  unique_fd plain = unpacking.take(problem);
  counts_.refused_compressed += unpacking.is_too_large();
  if (!problem.empty()) note(place.path + " " + problem);
  if (!plain) return false;
  place.fd = std::move(plain);
  place.size = size_of(place.fd.get());
  place.packed = true;
  return true;
}

}  // namespace tandem::shipper
