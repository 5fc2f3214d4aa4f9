// The part of the Tailer that tells which files it needs no more.
#include <algorithm>

#include "sidecars/log/tailer.hpp"

namespace tandem::shipper {

const Tailer::Follow* Tailer::holder_of(Inode inode, const Place*& place) const {
  const auto owner = by_inode_.find(inode);
  if (owner == by_inode_.end()) return nullptr;
  const Follow& follow = follows_.at(owner->second);
  const auto at = std::find_if(follow.places.begin(), follow.places.end(),
                               [&](const Place& candidate) { return candidate.node() == inode; });
  if (at == follow.places.end() || !at->fd || at->packed || !follow.identified) return nullptr;
  place = &*at;
  return &follow;
}

std::optional<FileProgress> Tailer::progress_of(std::uint64_t device, std::uint64_t inode, Time now) const {
  const Place* place = nullptr;
  const Follow* const follow = holder_of({device, inode}, place);
  if (!follow) return std::nullopt;
  const Ledger& ledger = follow->record->ledger;
  FileProgress progress;
  progress.acknowledged = ledger.committed().offset;
  progress.settled = ledger.all_acknowledged() && ledger.read().offset == follow->cursor.offset &&
                     !follow->record->seeking && !follow->queued;
  progress.quiet = now - std::max(follow->quiet_since, place->since);
  return progress;
}

ByteRange Tailer::releasable(std::uint64_t device, std::uint64_t inode) const {
  const Place* place = nullptr;
  const Follow* const follow = holder_of({device, inode}, place);
  if (!follow || follow->record->seeking) return {};
  const Position& committed = follow->record->ledger.committed();
  const int fd = place->fd.get();
  const std::uint64_t begin = follow->record->head.offset;
  if (committed.offset < begin || !position_matches(fd, committed)) return {};
  if (!Beginning(fd).agreement(follow->record->head)) return {};
  return {begin, committed.offset};
}

bool Tailer::has_shipped(std::uint64_t device, std::uint64_t inode, std::uint64_t size) const {
  const Place* place = nullptr;
  const Follow* const follow = holder_of({device, inode}, place);
  if (!follow || size_of(place->fd.get()) != size) return false;
  const Ledger& ledger = follow->record->ledger;
  if (!ledger.all_acknowledged() || ledger.committed().offset != size || follow->cursor.offset != size) return false;
  // It may have been rewritten to the same length and not read since.
  return Beginning(place->fd.get()).agreement(follow->record->head).has_value() &&
         position_matches(place->fd.get(), ledger.committed());
}

}  // namespace tandem::shipper
