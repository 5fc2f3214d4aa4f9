// The part of the Tailer that tells copies from files of their own: copytruncate, and inodes that are used again.
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>

#include "sidecars/log/positions_codec.hpp"
#include "sidecars/log/tailer.hpp"

namespace tandem::shipper {

Known Tailer::known(const Follow& follow) const {
  Known k;
  k.record = follow.record;
  k.tail = follow.tail;
  const Position& read = follow.record->ledger.read();
  k.read = read.offset == follow.cursor.offset
               ? read
               : make_position(follow.cursor.offset, follow.cursor.line_start, follow.tail);
  if (!follow.fd) return k;
  struct stat status {};
  if (::fstat(follow.fd.get(), &status) != 0 || static_cast<std::uint64_t>(status.st_size) < follow.cursor.offset)
    return k;
  k.fd = follow.fd.get();
  k.size = static_cast<std::uint64_t>(status.st_size);
  return k;
}

// A file that no generation is known to live in. A file of its own is read from its start. A copy of bytes that were
// read already is skipped as far as that is proven; while its original lives it is held, because what copytruncate
// leaves in it alone is known only when the original is truncated.
void Tailer::adopt(const ListedFile& file, Time now) {
  std::uint64_t size = 0;
  unique_fd fd = open_listed(file, size);
  if (!fd) return;
  const bool only_copies = file.source.empty();
  if (size > 0 && looks_compressed(read_window(fd.get(), 0, 8))) {
    if (!only_copies && compressed_.insert({file.device, file.inode}).second) {
      ++counts_.compressed_files;
      note(file.path + " is compressed and is not read");
    }
    return;
  }

  Follow* original = nullptr;
  Likeness best;
  for (auto& [id, follow] : follows_) {
    if (size == 0 || follow.record->held) continue;
    const Likeness likeness = compare_content(fd.get(), size, known(follow));
    if (likeness.diverges || likeness.verified == 0) continue;
    const bool better = likeness.verified > best.verified || (likeness.verified == best.verified && follow.seeking);
    if (original && !better) continue;
    original = &follow;
    best = likeness;
  }
  const bool strong = best.verified >= options_.strong_evidence;
  const bool lives = original && original->fd && original->record->has_inode();
  // Another file took the original's old name: rotation by rename. A few equal bytes are chance then.
  const bool takes_its_name = original && original->renamed_from == file.path;
  const bool whole = original && best.verified >= std::min(size, original->cursor.offset);
  bool copy = original && (strong || (lives ? !takes_its_name : original->seeking && whole));
  if (copy && !strong && lives && size > known(*original).size) copy = false;
  if (original && !copy) ++counts_.ambiguous;
  if (!copy && only_copies) return;

  ListedFile named = file;
  if (copy && only_copies) named.source = original->record->source;
  const FileId original_id = copy ? original->record->id : FileId{};
  Follow& follow = follow_new(named, std::move(fd), now);
  follow.listed = !only_copies;
  follow.size = size;
  if (!copy) {
    change(encode_file(*follow.record));
    enqueue(follow);
    return;
  }
  ++counts_.copies;
  follow.record->copy_of = original_id;
  follow.record->held = true;
  change(encode_file(*follow.record));
  review_held(follow, now);
}

void Tailer::review_all_held(Time now) {
  for (auto& [id, follow] : follows_)
    if (follow.record->held) review_held(follow, now);
}

void Tailer::review_held(Follow& follow, Time now) {
  if (!follow.fd) return;
  struct stat status {};
  if (::fstat(follow.fd.get(), &status) != 0) return;
  const auto size = static_cast<std::uint64_t>(status.st_size);
  const auto original = follows_.find(follow.record->copy_of);
  if (original == follows_.end()) return unhold(follow, 0, true);
  Follow& other = original->second;
  if (other.record->has_inode() && !other.fd) return;  // it cannot be opened now
  const Known facts = known(other);
  const Likeness likeness = compare_content(follow.fd.get(), size, facts);
  const bool strong = likeness.verified >= options_.strong_evidence;
  if (other.fd && facts.fd < 0) return;  // just truncated: that is noticed when it is read, and then this is reviewed
  if (facts.fd >= 0) {
    if (likeness.diverges || size > facts.size)
      return unhold(follow, strong ? likeness.verified : 0, !strong && !likeness.diverges);
    if (likeness.verified > follow.record->proven) {
      follow.record->proven = likeness.verified;
      change(encode_file(*follow.record));
    }
    if (strong) return;
    if (finishing_ || now - follow.since > options_.copy_patience) unhold(follow, 0, true);
    return;
  }
  // The original is complete: what was read of it is shipped, or on its way.
  other.seeking = false;
  const std::uint64_t read = other.cursor.offset;
  if (size >= read && position_matches(follow.fd.get(), facts.read)) return unhold(follow, read, false);
  const std::uint64_t end = std::min(size, read);
  const std::uint64_t verified = std::min(end, std::max(likeness.verified, follow.record->proven));
  unhold(follow, verified, verified < end);
}

void Tailer::unhold(Follow& follow, std::uint64_t verified, bool ambiguous) {
  if (ambiguous) ++counts_.ambiguous;
  follow.record->held = false;
  change(encode_file(*follow.record));
  if (verified > 0) skip_copied(follow, verified, verified);
  enqueue(follow);
}

void Tailer::skip_copied(Follow& follow, std::uint64_t verified, std::uint64_t line_start) {
  const std::uint64_t from = verified > window_bytes ? verified - window_bytes : 0;
  follow.tail = read_window(follow.fd.get(), from, static_cast<std::size_t>(verified - from));
  if (from == 0) extend_head(follow, follow.tail);
  if (from > 0) extend_head(follow, read_window(follow.fd.get(), 0, window_bytes));
  Segment segment;
  segment.start = follow.record->ledger.read();
  segment.end = make_position(verified, line_start, follow.tail);
  change(encode_file(*follow.record));
  follow.head_changed = false;
  positions_.skip(follow.record->id, segment, SkipReason::copy);
  change(encode_skip(follow.record->id, segment, SkipReason::copy));
  follow.cursor = {verified, line_start};
}

// The bytes before the cursor are no longer there: the file was truncated or rewritten. What it holds now is another
// generation.
void Tailer::restart_generation(Follow& follow, Time now) {
  ++counts_.truncations;
  FileRecord& old = *follow.record;
  ListedFile file{old.path, old.source, old.device, old.inode, 0};
  const bool listed = follow.listed;
  unique_fd fd = std::move(follow.fd);
  const FileId old_id = old.id;
  lose_inode(follow, now);
  Follow& fresh = follow_new(file, std::move(fd), now);
  fresh.listed = listed;
  change(encode_file(*fresh.record));
  by_path_[file.path] = fresh.record->id;
  for (auto& [id, held] : follows_)
    if (held.record->held && held.record->copy_of == old_id) review_held(held, now);
  enqueue(fresh);
}

}  // namespace tandem::shipper
