// The part of the Tailer that finds what a file may be a copy of, among thousands of others.
#include <algorithm>

#include "sidecars/log/tailer.hpp"

namespace tandem::shipper {
namespace {

constexpr int most_chances = 16;  // files that may agree by chance, looked at for one

std::string_view name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

bool is_named_after(std::string_view path, std::string_view original) {
  return !original.empty() && name_of(path).size() > name_of(original).size() &&
         name_of(path).starts_with(name_of(original));
}

void Tailer::file_under(Follow& follow, std::uint64_t first_line) {
  if (follow.first_line == first_line) return;
  unfile(follow);
  follow.first_line = first_line;
  by_first_line_[first_line][follow.record->id] = &follow;
}

void Tailer::unfile(Follow& follow) {
  if (!follow.first_line) return;
  const auto at = by_first_line_.find(*follow.first_line);
  at->second.erase(follow.record->id);
  if (at->second.empty()) by_first_line_.erase(at);
  follow.first_line.reset();
}

// Its beginning has grown, or is seen for the first time.
void Tailer::know_beginning(Follow& follow, const Beginning& beginning) {
  file_under(follow, beginning.first_line(options_.strong_evidence));
  const Head now = beginning.head();
  if (now == follow.record->head) return;
  follow.record->head = now;
  follow.head_changed = true;
}

Known Tailer::known(const Follow& follow) {
  Known k;
  k.record = follow.record;
  k.tail = follow.tail;
  const Position& read = follow.record->ledger.read();
  k.read = read.offset == follow.cursor.offset
               ? read
               : make_position(follow.cursor.offset, follow.cursor.line_start, follow.tail);
  for (const auto& place : follow.places) {
    if (!place.fd) continue;
    const std::uint64_t size = size_of(place.fd.get());
    if (size < follow.cursor.offset || size < k.size) continue;
    if (is_unread(follow) && !Beginning(place.fd.get()).agreement(follow.record->head)) continue;
    k.fd = place.fd.get();
    k.size = size;
  }
  return k;
}

// The generation that a file is a copy of, as far as can be told; none: its bytes are its own.
Tailer::Match Tailer::find_original(const Place& place, const Follow* self) {
  Match match;
  if (place.size == 0) return match;
  const Beginning beginning(place.fd.get());
  const std::uint64_t first_line = beginning.first_line(options_.strong_evidence);
  if (first_line == 0) return match;  // too little to be told by
  std::uint64_t most = 0;
  int chances = 0;
  for (const std::uint64_t key : {first_line, std::uint64_t{0}}) {
    const auto alike = by_first_line_.find(key);
    if (alike == by_first_line_.end()) continue;
    for (const auto& [id, follow] : alike->second) {
      if (self && (follow == self || id == self->former)) continue;
      const std::uint64_t verified = evidence(place, beginning, *follow, match, chances);
      if (verified == 0 || (match.original && verified < most + (follow->record->seeking ? 0 : 1))) continue;
      match.original = follow;
      most = verified;
    }
  }
  return match;
}

// How many bytes show that the file is a copy of that generation; 0: nothing shows it.
std::uint64_t Tailer::evidence(const Place& place, const Beginning& beginning, Follow& follow, Match& match,
                               int& chances) {
  const FileRecord& record = *follow.record;
  if (!beginning.agreement(record.head)) return 0;
  const std::uint64_t enough = beginning.offset() + options_.strong_evidence;
  const bool named = is_named_after(place.path, record.path) || is_named_after(place.path, record.formerly);
  // Thousands of programs may begin with the same line. Where no more can come out than that it may be chance, it is
  // enough to have looked at a few.
  const auto is_idle = [&](std::uint64_t common) {
    return !named && common < enough && (match.by_chance || chances == most_chances);
  };
  if (is_idle(place.size)) return 0;
  const Known theirs = known(follow);
  const std::uint64_t known_end = std::max({theirs.size, theirs.read.offset, record.head.offset + record.head.length});
  if (is_idle(std::min(place.size, known_end))) return 0;
  if (!named && std::min(place.size, known_end) < enough) ++chances;
  const Likeness likeness = compare_content(place.fd.get(), place.size, beginning, theirs);
  // The first line, at least.
  const auto newline = beginning.bytes().find('\n');
  const auto least = beginning.offset() + std::min<std::uint64_t>(newline, options_.strong_evidence - 1) + 1;
  if (likeness.diverges || likeness.verified < least) return 0;
  // Little may be equal by chance: then only where and as a copy is expected.
  const bool rewritten = theirs.fd < 0 && std::any_of(follow.places.begin(), follow.places.end(),
                                                      [](const Place& own) { return own.fd && !own.copy; });
  const bool expected = record.seeking || rewritten || (theirs.fd >= 0 && place.size <= theirs.size);
  if (likeness.verified >= enough || (expected && named)) return likeness.verified;
  match.by_chance = true;
  return 0;
}

}  // namespace tandem::shipper
