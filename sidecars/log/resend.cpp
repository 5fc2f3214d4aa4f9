// The part of the Tailer that sends again what a dead process had on its way.
#include <sys/stat.h>

#include <algorithm>

#include "sidecars/log/tailer.hpp"

namespace tandem::shipper {

// The batch at the front of again_, as it was; nullptr: its files cannot be opened now (it goes to the back), or
// nothing of it exists any more.
std::unique_ptr<Batch> Tailer::read_again() {
  if (!scanned_once_) return nullptr;
  const std::string id = again_.front();
  again_.pop_front();
  BatchRecord* record = positions_.find_batch(id);
  if (!record) return nullptr;
  for (const auto& s : record->segments) {
    const auto follow = follows_.find(s.file);
    if (follow != follows_.end() && follow->second.record->has_inode() && !follow->second.fd) {
      again_.push_back(id);
      return nullptr;
    }
  }
  auto batch = std::make_unique<Batch>();
  batch->id = id;
  batch->time_ns = record->time_ns;
  batch->again = true;
  for (const auto& s : record->segments) {
    const Follow* follow = provider(s.file, s.segment.end);
    if (!follow) {
      counts_.lost_bytes += s.segment.bytes();
      note("bytes " + std::to_string(s.segment.start.offset) + " to " + std::to_string(s.segment.end.offset) + " of " +
           positions_.files.at(s.file).path + " were being sent when the process died, and are in no file any more");
      continue;
    }
    const auto& [start, end] = s.segment;
    const auto bytes = read_window(follow->fd.get(), start.offset, static_cast<std::size_t>(s.segment.bytes()));
    const FileRecord& file = positions_.files.at(s.file);
    encoder_.begin(batch->time_ns, file.source, file.path, file.id);
    LineCursor cursor{start.offset, start.line_start};
    const auto emit = [&](const Line& line) {
      encoder_.append(line, batch->body);
      ++batch->records;
      return true;
    };
    const bool ends_inside_a_line = end.line_start < end.offset;
    split_lines(bytes, options_.line_limit, !ends_inside_a_line, cursor, emit);
    if (cursor.offset < end.offset) {
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
