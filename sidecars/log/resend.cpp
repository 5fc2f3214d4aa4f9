// The part of the Tailer that sends again what a dead process had on its way.
#include <sys/stat.h>

#include <algorithm>

#include "sidecars/log/tailer.hpp"

namespace tandem::shipper {

// A place that has the segment; or its beginning, when none has all of it.
const Tailer::Place* Tailer::provider(const FileId& id, const Segment& segment) const {
  const Place* partial = nullptr;
  std::uint64_t most = segment.start.offset;
  for (const auto& place : follows_.at(id).places) {
    if (!place.fd) continue;
    const int fd = place.fd.get();
    const std::uint64_t size = size_of(fd);
    if (size >= segment.end.offset && position_matches(fd, segment.end)) return &place;
    if (size <= most || !position_matches(fd, segment.start)) continue;
    partial = &place;
    most = size;
  }
  return partial;
}

// Whether a place that has these bytes may still turn up.
bool Tailer::awaits_place(const Follow& follow, const Position& end) const {
  for (const auto& place : follow.places)
    if (place.fd && size_of(place.fd.get()) >= end.offset && position_matches(place.fd.get(), end)) return false;
  return follow.record->seeking ||
         std::any_of(follow.places.begin(), follow.places.end(), [](const Place& p) { return !p.fd; });
}

// The batch at the front of again_, as it was; nullptr: its files are not found yet (it goes to the back), or nothing
// of it exists any more.
std::unique_ptr<Batch> Tailer::read_again(Time now) {
  if (scans_ == 0) return nullptr;
  const std::string id = again_.front();
  again_.pop_front();
  BatchRecord* record = positions_.find_batch(id);
  if (!record) return nullptr;
  for (const auto& s : record->segments) {
    Follow& follow = follows_.at(s.file);
    // What was truncated or rewritten since the last scan leaves: its copy is to be found first.
    if (const Place* place = lead(follow, now);
        place && !position_matches(place->fd.get(), follow.record->ledger.read()))
      leave(follow, place->node(), now);
    if (!awaits_place(follow, s.segment.end)) continue;
    again_.push_back(id);
    return nullptr;
  }
  auto batch = std::make_unique<Batch>();
  batch->id = id;
  batch->time_ns = record->time_ns;
  batch->again = true;
  options_.encoder->start(batch->body);
  for (const auto& s : record->segments) {
    const auto& [start, end] = s.segment;
    const Place* place = provider(s.file, s.segment);
    // With what was beside it when it was sent first.
    const std::size_t most = beside(options_.line_limit);
    Beside around{static_cast<std::size_t>(std::min<std::uint64_t>(start.offset - start.line_start, most)),
                  end.line_start < end.offset ? most : 0};
    const auto size = static_cast<std::size_t>(s.segment.bytes());
    const std::string window =
        place ? read_window(place->fd.get(), start.offset - around.before, around.before + size + around.behind)
              : std::string();
    const auto bytes = std::string_view(window).substr(std::min(around.before, window.size()), size);
    around.behind = window.size() - std::min(window.size(), around.before + bytes.size());
    if (bytes.size() < s.segment.bytes()) {
      const std::uint64_t lost = s.segment.bytes() - bytes.size();
      counts_.lost_bytes += lost;
      note(std::to_string(lost) + " bytes before offset " + std::to_string(end.offset) + " of " +
           positions_.files.at(s.file).path + " were being sent when the process died, and are in no file any more");
    }
    if (bytes.empty()) continue;
    const FileRecord& file = positions_.files.at(s.file);
    const Framing* const framing = framing_of(file);
    options_.encoder->begin(batch->time_ns, file.source, file.path, file.id);
    LineCursor cursor{start.offset, start.line_start};
    const auto emit = [&](const Line& line) {
      if (options_.encoder->append(line, batch->body)) ++batch->records;
      return true;
    };
    const bool ends_inside_a_line = bytes.size() == s.segment.bytes() && end.line_start < end.offset;
    if (framing) {
      framer_.cut(bytes, *framing, options_.line_limit, ends_inside_a_line ? Ending::lines : Ending::final, cursor,
                  emit, around);
    } else {
      split_lines(bytes, options_.line_limit, !ends_inside_a_line, cursor, emit, around);
    }
    if (cursor.offset < start.offset + bytes.size()) {
      const auto rest = bytes.substr(static_cast<std::size_t>(cursor.offset - start.offset));
      const std::uint64_t in_line = cursor.offset - cursor.line_start;
      Line piece{rest, cursor.offset, cursor.line_start, in_line / options_.line_limit, false, false};
      place_beside(piece, in_line, window, options_.line_limit);
      emit(piece);
    }
    batch->input_bytes += bytes.size();
    batch->segments.push_back(s);
  }
  finish_body(*batch);
  if (batch->segments.empty()) {
    acknowledge(*batch);
    return nullptr;
  }
  ++counts_.batches;
  counts_.records += batch->records;
  return batch;
}

}  // namespace tandem::shipper
