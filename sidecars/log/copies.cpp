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
  k.start = follow.start;
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

// A name, or an inode, that no generation is known to live in. What a pattern matches is followed at once, and looked
// at more closely when it has content; other files are of interest only as copies of what was truncated.
void Tailer::adopt(const ListedFile& file, Time now) {
  std::uint64_t size = 0;
  unique_fd fd = open_listed(file, size);
  if (!fd) return;
  if (!file.source.empty()) {
    Follow& follow = follow_new(file, std::move(fd), now);
    follow.size = size;
    change(encode_file(*follow.record));
    return enqueue(follow);
  }
  const Follow* original = find_original(fd.get(), size, file.path, {file.device, file.inode}, nullptr);
  if (!original || !original->seeking) return;
  ListedFile named = file;
  named.source = original->record->source;
  Follow& follow = follow_new(named, std::move(fd), now);
  follow.listed = false;
  follow.size = size;
  change(encode_file(*follow.record));
  identify(follow, size, now);
}

// The generation that these bytes are a copy of, as far as can be told; nullptr: they are a file's own.
Tailer::Follow* Tailer::find_original(int fd, std::uint64_t size, const std::string& path, Inode inode,
                                      const Follow* self) {
  if (size == 0) return nullptr;
  const Beginning beginning(fd, size);
  Follow* original = nullptr;
  std::uint64_t verified = 0;
  for (auto& [id, follow] : follows_) {
    if (&follow == self || follow.record->held || (follow.record->head.length == 0 && follow.cursor.offset == 0))
      continue;
    const Likeness likeness = compare_content(fd, size, beginning, known(follow));
    if (likeness.diverges || likeness.verified == 0) continue;
    if (original && likeness.verified < verified + (follow.seeking ? 0 : 1)) continue;
    original = &follow;
    verified = likeness.verified;
  }
  if (!original || verified >= options_.strong_evidence) return original;
  // A few equal bytes may be chance: two programs' first line. It is taken for a copy only where one is expected.
  bool expected = false;
  if (self && self->restarted) {
    expected = false;
  } else if (original->fd && original->record->has_inode()) {
    expected = original->renamed_from != path && size <= known(*original).size;
  } else {
    expected = original->seeking && original->former != inode && verified >= std::min(size, original->cursor.offset);
  }
  if (!expected) ++counts_.ambiguous;
  return expected ? original : nullptr;
}

// Called before a generation is read for the first time. A file of its own is read from its start. A copy of bytes that
// were read already is skipped as far as that is proven; while its original lives it is held, because what copytruncate
// leaves in it alone is known only when the original is truncated. False: there is nothing to read now.
bool Tailer::identify(Follow& follow, std::uint64_t size, Time now) {
  FileRecord& record = *follow.record;
  if (looks_compressed(read_window(follow.fd.get(), 0, 8))) {
    ++counts_.compressed_files;
    note(record.path + " is compressed and is not read");
    compressed_.insert({record.device, record.inode});
    follow.listed = false;
    close_finished(follow);
    return false;
  }
  follow.identified = true;
  const Follow* original = find_original(follow.fd.get(), size, record.path, {record.device, record.inode}, &follow);
  if (!original) return true;
  ++counts_.copies;
  record.copy_of = original->record->id;
  record.held = true;
  follow.since = now;
  change(encode_file(record));
  review_held(follow, now);
  return !record.held;
}

void Tailer::identify_all(Time now) {
  for (auto& [id, follow] : follows_) {
    struct stat status {};
    if (follow.identified || !follow.fd || ::fstat(follow.fd.get(), &status) != 0 || status.st_size == 0) continue;
    identify(follow, static_cast<std::uint64_t>(status.st_size), now);
    if (follow.record->copy_of.is_null()) follow.identified = false;  // its original may not have been read yet
  }
}

void Tailer::review_all_held(Time now) {
  for (auto& [id, follow] : follows_)
    if (follow.record->held) review_held(follow, now);
}

// The beginning of the line that a place is in.
static std::uint64_t line_before(int fd, std::uint64_t offset) {
  const std::uint64_t from = offset > (64u << 10) ? offset - (64u << 10) : 0;
  const auto newline = read_window(fd, from, static_cast<std::size_t>(offset - from)).rfind('\n');
  return newline == std::string::npos ? (from == 0 ? 0 : offset) : from + newline + 1;
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
  Known facts = known(other);
  if (facts.fd >= 0 && !position_matches(facts.fd, facts.read)) facts.fd = -1;
  const Likeness likeness = compare_content(follow.fd.get(), size, Beginning(follow.fd.get(), size), facts);
  const bool strong = likeness.verified >= options_.strong_evidence;
  if (other.fd && facts.fd < 0) return;  // just truncated: that is noticed when it is read, and then this is reviewed
  if (facts.fd >= 0) {
    if (likeness.diverges) return unhold(follow, strong ? line_before(follow.fd.get(), likeness.verified) : 0, false);
    if (size > facts.size) return strong ? swap_roles(follow, other) : unhold(follow, 0, true);
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
  if (verified == end) return unhold(follow, verified, false);
  unhold(follow, line_before(follow.fd.get(), verified), true);
}

// The longer of two equal files is taken for the original: a copy that is still being made is the shorter.
void Tailer::swap_roles(Follow& copy, Follow& original) {
  if (original.record->held) return;
  const LineCursor cursor = original.cursor;
  const std::uint64_t proven = original.size;
  copy.record->copy_of = {};
  unhold(copy, cursor.offset, false);
  if (copy.record->held) return;
  original.record->held = true;
  original.record->copy_of = copy.record->id;
  original.record->proven = std::min(proven, copy.size);
  change(encode_file(*original.record));
}

void Tailer::unhold(Follow& follow, std::uint64_t verified, bool ambiguous) {
  // A segment of it is in the batch being put together: the next scan comes back to it.
  if (follow.record->ledger.read().offset != follow.cursor.offset) return;
  if (ambiguous) ++counts_.ambiguous;
  follow.record->held = false;
  change(encode_file(*follow.record));
  if (verified > follow.cursor.offset) skip_copied(follow, verified, verified);
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
  wants_scan_ = true;
  FileRecord& old = *follow.record;
  ListedFile file{old.path, old.source, old.device, old.inode, 0};
  const bool listed = follow.listed;
  unique_fd fd = std::move(follow.fd);
  const FileId old_id = old.id;
  lose_inode(follow, now);
  Follow& fresh = follow_new(file, std::move(fd), now);
  fresh.listed = listed;
  fresh.restarted = true;
  change(encode_file(*fresh.record));
  by_path_[file.path] = fresh.record->id;
  for (auto& [id, held] : follows_)
    if (held.record->held && held.record->copy_of == old_id) review_held(held, now);
  enqueue(fresh);
}

}  // namespace tandem::shipper
