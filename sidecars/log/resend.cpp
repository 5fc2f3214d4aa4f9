// The part of the Tailer that sends again what a dead process had on its way.
#include <sys/stat.h>

#include <algorithm>

#include "sidecars/log/tailer.hpp"

namespace tandem::shipper {

// A copy that ends before the segment does has at least its beginning.
const Tailer::Follow* Tailer::partial_provider(const FileId& id, const Position& start) const {
  for (const auto& [other, follow] : follows_) {
    struct stat status {};
    if (follow.record->copy_of != id || !follow.fd || ::fstat(follow.fd.get(), &status) != 0) continue;
    if (static_cast<std::uint64_t>(status.st_size) > start.offset && position_matches(follow.fd.get(), start))
      return &follow;
  }
  return nullptr;
}

// The batch at the front of again_, as it was; nullptr: its files cannot be opened now (it goes to the back), or
// nothing of it exists any more.
std::unique_ptr<Batch> Tailer::read_again(Time now) {
  if (scans_ == 0) return nullptr;
  const std::string id = again_.front();
  again_.pop_front();
  BatchRecord* record = positions_.find_batch(id);
  if (!record) return nullptr;
  for (const auto& s : record->segments) {
    Follow& follow = follows_.at(s.file);
    const bool unreadable = follow.record->has_inode() && !follow.fd;
    // Truncated since the last scan: its copy, if there is one, is found by the next.
    if (follow.fd && !provider(s.file, s.segment.end)) restart_generation(follow, now);
    if (unreadable || (!follow.fd && follow.lost_in_scan == scans_)) {
      again_.push_back(id);
      return nullptr;
    }
  }
  auto batch = std::make_unique<Batch>();
  batch->id = id;
  batch->time_ns = record->time_ns;
  batch->again = true;
  for (const auto& s : record->segments) {
    const auto& [start, end] = s.segment;
    const Follow* follow = provider(s.file, end);
    if (!follow) follow = partial_provider(s.file, start);
    const auto bytes = follow ? read_window(follow->fd.get(), start.offset, static_cast<std::size_t>(s.segment.bytes()))
                              : std::string();
    if (bytes.size() < s.segment.bytes()) {
      const std::uint64_t lost = s.segment.bytes() - bytes.size();
      counts_.lost_bytes += lost;
      note(std::to_string(lost) + " bytes before offset " + std::to_string(end.offset) + " of " +
           positions_.files.at(s.file).path + " were being sent when the process died, and are in no file any more");
    }
    if (bytes.empty()) continue;
    const FileRecord& file = positions_.files.at(s.file);
    encoder_.begin(batch->time_ns, file.source, file.path, file.id);
    LineCursor cursor{start.offset, start.line_start};
    const auto emit = [&](const Line& line) {
      encoder_.append(line, batch->body);
      ++batch->records;
      return true;
    };
    const bool ends_inside_a_line = bytes.size() == s.segment.bytes() && end.line_start < end.offset;
    split_lines(bytes, options_.line_limit, !ends_inside_a_line, cursor, emit);
    if (cursor.offset < start.offset + bytes.size()) {
      const auto rest = std::string_view(bytes).substr(static_cast<std::size_t>(cursor.offset - start.offset));
      emit(Line{rest, cursor.offset, cursor.line_start, (cursor.offset - cursor.line_start) / options_.line_limit,
                false, false});
    }
    batch->input_bytes += bytes.size();
    batch->segments.push_back(s);
  }
  if (batch->segments.empty()) {
    acknowledge(*batch);
    return nullptr;
  }
  ++counts_.batches;
  counts_.records += batch->records;
  return batch;
}

}  // namespace tandem::shipper
