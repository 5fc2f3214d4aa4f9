// The part of the Tailer that lets go: of files that are read to their end, of those that hold too much, and of
// generations long gone.
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>

#include "sidecars/log/positions_codec.hpp"
#include "sidecars/log/tailer.hpp"

namespace tandem::shipper {
namespace {

constexpr std::size_t most_remembered = 256;  // generations without a place, kept to recognise copies
constexpr auto remembered_time = std::chrono::hours(1);
constexpr auto longest_search = std::chrono::seconds(60);  // for a copy of what was truncated

}  // namespace

void Tailer::retire(Time now) {
  std::vector<FileId> ended;
  for (auto& [id, follow] : follows_) {
    retire(follow, now);
    if (follow.places.empty() && !follow.identified) ended.push_back(id);
  }
  for (const auto& id : ended) forget(id);
}

void Tailer::retire(Follow& follow, Time now) {
  const std::uint64_t read = follow.cursor.offset;
  const bool settled = follow.record->ledger.all_acknowledged() && follow.record->ledger.read().offset == read;
  const bool original_lives = std::any_of(follow.places.begin(), follow.places.end(),
                                          [](const Place& place) { return place.fd && place.listed && !place.copy; });
  std::vector<Inode> finished;
  for (auto& place : follow.places) {
    struct stat status {};
    if (!place.fd || ::fstat(place.fd.get(), &status) != 0) continue;
    if (status.st_nlink == 0 && !place.deleted && !place.packed) {
      place.deleted = true;
      save_places(follow);
    }
    if (place.listed && !place.copy) continue;
    const auto patience = finishing_                      ? std::chrono::nanoseconds(0)
                          : place.listed || place.deleted ? options_.deleted_idle
                                                          : options_.renamed_idle;
    if (now - follow.quiet_since < patience) continue;
    const auto size = static_cast<std::uint64_t>(status.st_size);
    const bool leads = place.node() == follow.leading || follow.places.size() == 1;
    if (leads && settled &&
        (size < std::max(read, follow.written) || !position_matches(place.fd.get(), follow.record->ledger.read()))) {
      enqueue(follow);  // rewritten: that is dealt with when it is read
    } else if (size > read) {
      // An unterminated last line that nobody will finish.
      if (original_lives || !leads || size > std::max(follow.scanned, read) || !has_no_writer(place.fd.get())) continue;
      follow.final = true;
      enqueue(follow);
    } else if (settled && (!place.listed || place.packed)) {
      finished.push_back(place.node());
    }
  }
  for (const Inode& inode : finished) take_place(follow, inode);
}

// What was truncated away and is in no copy is lost.
void Tailer::end_search(Time now) {
  if (is_unpacking()) return;  // it may be in there
  for (auto& [id, follow] : follows_) {
    if (!follow.record->seeking || follow.lost_in_scan >= scans_) continue;
    if (!finishing_ && now - follow.seeking_since <= longest_search) continue;
    follow.record->seeking = false;
    change(encode_file(*follow.record));
    std::uint64_t there = follow.cursor.offset;
    for (const auto& place : follow.places)
      if (place.node() == follow.leading) there = std::max(there, place.size);
    const auto left = follow.written - std::min(follow.written, there);
    follow.written = there;
    counts_.lost_bytes += left;
    if (left)
      note(fmt::format("{} bytes of {} were truncated away before they were read, and no copy of them was found", left,
                       follow.record->path));
  }
}

void Tailer::enforce_removed_limit() {
  std::uint64_t at_risk = bytes_at_risk();
  if (at_risk > options_.removed_limit / 5 * 4 && !risk_noted_) {
    risk_noted_ = true;
    note(
        fmt::format("{} bytes wait in files that were deleted or renamed out of reach; past {} the oldest are given up",
                    at_risk, options_.removed_limit));
  }
  if (at_risk < options_.removed_limit / 2) risk_noted_ = false;
  while (at_risk > options_.removed_limit) {
    Follow* oldest = nullptr;
    for (auto& [id, follow] : follows_) {
      const bool ready = !is_in_reach(follow) && !follow.places.empty() && follow.written > follow.cursor.offset &&
                         follow.cursor.offset == follow.record->ledger.read().offset;
      if (ready && (!oldest || follow.quiet_since < oldest->quiet_since)) oldest = &follow;
    }
    if (!oldest) return;
    const std::uint64_t end = oldest->written, left = end - oldest->cursor.offset;
    const Segment segment{oldest->record->ledger.read(), {end, end, 0, 0}};
    positions_.skip(oldest->record->id, segment, SkipReason::removed);
    change(encode_skip(oldest->record->id, segment, SkipReason::removed));
    oldest->cursor = {end, end};
    if (!oldest->identified) file_under(*oldest, 0);
    oldest->identified = true;
    oldest->tail.clear();
    counts_.lost_bytes += left;
    note(fmt::format("gave up {} bytes of {}: too much waits in files out of reach", left, oldest->record->path));
    while (!oldest->places.empty()) take_place(*oldest, oldest->places.back().node());
    at_risk -= std::min(at_risk, left);
  }
}

// Generations without a place are remembered for a while, so that copies of them are recognised. By a clock that does
// not jump: only which of too many go first is told by their dates.
void Tailer::forget_old(Time now) {
  std::vector<std::pair<std::int64_t, FileId>> candidates;
  for (auto& [id, follow] : follows_) {
    const Ledger& ledger = follow.record->ledger;
    if (!follow.places.empty()) follow.placeless_since = Time::max();
    if (!follow.places.empty() || follow.record->seeking || !ledger.all_acknowledged()) continue;
    follow.placeless_since = std::min(follow.placeless_since, now);
    if (ledger.read().offset == follow.cursor.offset) candidates.push_back({follow.record->left_at, id});
  }
  std::sort(candidates.begin(), candidates.end());
  std::size_t surplus = candidates.size() > most_remembered ? candidates.size() - most_remembered : 0;
  for (const auto& [left_at, id] : candidates) {
    if (surplus == 0 && now - follows_.at(id).placeless_since < remembered_time) continue;
    if (surplus > 0) --surplus;
    forget(id);
  }
}

void Tailer::forget(FileId id) {
  if (const auto at = follows_.find(id); at != follows_.end()) {
    unfile(at->second);
    follows_.erase(at);
  }
  positions_.forget(id);
  change(encode_forget(id));
}

}  // namespace tandem::shipper
