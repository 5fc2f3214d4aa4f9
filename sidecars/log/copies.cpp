// The part of the Tailer that tells copies from files of their own: copytruncate, and inodes that are used again.
//
// A copy becomes another place of its original's generation. While both live, the longer is read; when the original is
// truncated it leaves the generation, and the copy is read on from where the original was.
#include <sys/stat.h>

#include <algorithm>

#include "sidecars/log/positions_codec.hpp"
#include "sidecars/log/tailer.hpp"

namespace tandem::shipper {
namespace {

// The beginning of the line that a place is in.
std::uint64_t line_before(int fd, std::uint64_t offset) {
  const std::uint64_t from = offset > (64u << 10) ? offset - (64u << 10) : 0;
  const auto newline = read_window(fd, from, static_cast<std::size_t>(offset - from)).rfind('\n');
  return newline == std::string::npos ? 0 : from + newline + 1;
}

}  // namespace

// Called before a generation is read for the first time: is it one? False: there is nothing to read of it now, or it
// was found to be a place of another and `follow` is no more.
bool Tailer::identify(Follow& follow, Time now) {
  if (follow.places.empty() || !follow.places.front().fd) return false;
  Place& place = follow.places.front();
  const int fd = place.fd.get();
  place.size = follow.written = size_of(fd);
  if (place.size == 0) return false;
  const Beginning beginning(fd);
  if (looks_compressed(beginning.bytes())) {
    Place compressed = take_place(follow, place.node());
    const std::string source = follow.record->source;
    forget(follow.record->id);
    adopt_compressed(std::move(compressed), source, now);
    return false;
  }
  // Until there is a line to ship nothing needs to be known, and more bytes tell more.
  const auto text = beginning.bytes();
  const bool waits = text.size() < window_bytes && text.find('\n') == std::string_view::npos;
  follow.scanned = waits ? place.size : 0;
  if (waits && !follow.final && !(finishing_ && has_no_writer(fd))) return false;
  const Match match = find_original(place, &follow);
  if (match.original) {
    const FileId id = follow.record->id;
    Place moved = take_place(follow, place.node());
    forget(id);
    join(*match.original, std::move(moved), now);
    return false;
  }
  if (match.by_chance) ++counts_.ambiguous;
  follow.identified = true;
  know_beginning(follow, beginning);
  follow.head_changed = false;
  change(encode_file(*follow.record));
  return true;
}

void Tailer::identify_all(Time now) {
  std::vector<FileId> unidentified;
  for (const auto& [id, follow] : follows_)
    if (!follow.identified) unidentified.push_back(id);
  for (const auto& id : unidentified) identify(follows_.at(id), now);
}

void Tailer::join(Follow& follow, Place place, Time now) {
  ++counts_.copies;
  by_inode_[place.node()] = follow.record->id;
  place.copy = true;
  for (auto& other : follow.places) {  // the copy was met first
    if (!is_named_after(other.path, place.path)) continue;
    place.copy = false;
    other.copy = true;
  }
  place.since = now;
  follow.places.push_back(std::move(place));
  save_places(follow);
  enqueue(follow);
}

// The places that are not read from: a copy that grows may turn out to be none, an original may be truncated.
void Tailer::review_copies(Time now) {
  std::vector<std::pair<FileId, Inode>> leaving;
  for (auto& [id, follow] : follows_) {
    if (!follow.identified) continue;
    for (const auto& place : follow.places) {
      if (!place.fd || (place.node() == follow.leading && place.size >= follow.cursor.offset)) continue;
      const Known original = known(follow);
      const std::uint64_t size = size_of(place.fd.get());
      const Likeness likeness = compare_content(place.fd.get(), size, Beginning(place.fd.get()), original);
      // A copy may be longer than the file that it was met as the copy of: only what has shrunk was cut back.
      const bool cut_back = !place.copy && size < follow.cursor.offset && size < place.size;
      const bool doubtful = place.copy && likeness.verified < options_.strong_evidence && original.fd >= 0 &&
                            (finishing_ || now - place.since > options_.copy_patience);
      if (likeness.diverges || cut_back || doubtful) leaving.push_back({id, place.node()});
      if (doubtful && !likeness.diverges) ++counts_.ambiguous;
    }
  }
  for (const auto& [id, inode] : leaving) {
    leave(follows_.at(id), inode, now);
  }
}

// Removes it, and says so on disk.
Tailer::Place Tailer::take_place(Follow& follow, Inode inode) {
  Place* const at = find_place(follow, inode);
  Place place = std::move(*at);
  follow.places.erase(follow.places.begin() + (at - follow.places.data()));
  const auto owner = by_inode_.find(inode);
  if (owner != by_inode_.end() && owner->second == follow.record->id) by_inode_.erase(owner);
  save_places(follow);
  return place;
}

void Tailer::save_places(Follow& follow) {
  FileRecord& record = *follow.record;
  record.left_at = follow.places.empty() ? wall_s_ : 0;
  record.residences.clear();
  for (const auto& place : follow.places)
    if (!place.deleted) record.residences.push_back(place);  // a later process could only meet its inode used again
  change(encode_file(record));
}

void Tailer::seek(Follow& follow, Time now) {
  follow.record->seeking = true;
  change(encode_file(*follow.record));
  follow.seeking_since = now;
  follow.lost_in_scan = scans_;
  follow.leading = {};
  wants_scan_ = true;
}

// The file was truncated or rewritten, or is no copy after all. What it holds now is a generation of its own.
Tailer::Follow& Tailer::leave(Follow& follow, Inode inode, Time now) {
  Place place = take_place(follow, inode);
  const int fd = place.fd.get();
  place.size = size_of(fd);
  std::uint64_t shipped = 0;
  if (!place.copy) ++counts_.truncations;
  if (!place.copy && place.size > 0) {
    // Cut back, and perhaps written to since: what is left from before was shipped from here.
    const Likeness likeness = compare_content(fd, place.size, Beginning(fd), known(follow));
    if (!likeness.diverges && likeness.verified >= options_.strong_evidence)
      shipped = line_before(fd, std::min(likeness.verified, follow.cursor.offset));
  }
  if (!place.copy || place.node() == follow.leading || follow.places.empty()) seek(follow, now);
  Follow& fresh = follow_new(follow.record->source, std::move(place), now);
  fresh.former = follow.record->id;
  if (shipped > 0) skip_copied(fresh, shipped);
  enqueue(follow);
  return fresh;
}

// The first bytes of a generation were shipped as another's.
void Tailer::skip_copied(Follow& follow, std::uint64_t verified) {
  const int fd = follow.places.front().fd.get();
  const std::uint64_t from = verified > window_bytes ? verified - window_bytes : 0;
  follow.tail = read_window(fd, from, static_cast<std::size_t>(verified - from));
  know_beginning(follow, Beginning(fd));
  follow.head_changed = false;
  follow.identified = true;
  Segment segment;
  segment.start = follow.record->ledger.read();
  segment.end = make_position(verified, verified, follow.tail);
  change(encode_file(*follow.record));
  positions_.skip(follow.record->id, segment, SkipReason::copy);
  change(encode_skip(follow.record->id, segment, SkipReason::copy));
  follow.cursor = {verified, verified};
}

}  // namespace tandem::shipper
