#include "sidecars/log/positions.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/os/error.hpp"
#include "sidecars/log/hash.hpp"

namespace tandem::shipper {
namespace {

constexpr std::size_t most_marks = 32;

FileRecord& known_file(FileRecords& files, const FileId& id) {
  const auto found = files.find(id);
  if (found == files.end()) throw Error(Fault::bug, "change the positions", to_string(id), "no such file generation");
  return found->second;
}

}  // namespace

const char* skip_reason_name(SkipReason reason) {
  static constexpr const char* names[skip_reasons] = {"copy", "hole", "removed", "lost"};
  return names[static_cast<std::size_t>(reason)];
}

std::string make_batch_id(const std::vector<BatchSegment>& segments) {
  const auto& first = segments.front();
  std::string id = fmt::format("{}-{}-{}", to_string(first.file), first.segment.start.offset, first.segment.end.offset);
  if (segments.size() == 1) return id;
  std::string rest;
  for (const auto& s : segments)
    rest += fmt::format("{} {} {}\n", to_string(s.file), s.segment.start.offset, s.segment.end.offset);
  return id + fmt::format("-{:016x}", hash64(rest));
}

void add_mark(std::vector<Position>& marks, const Position& mark) {
  marks.push_back(mark);
  if (marks.size() <= most_marks) return;
  // The one goes that is missed least: its neighbours are near each other, compared with how far back it is.
  const std::uint64_t newest = marks.back().offset;
  std::size_t least = 1;
  double least_gap = 2;
  for (std::size_t i = 1; i + 2 < marks.size(); ++i) {
    const auto between = static_cast<double>(marks[i + 1].offset - marks[i - 1].offset);
    const double gap = between / static_cast<double>(newest - marks[i - 1].offset);
    if (gap < least_gap) least = i, least_gap = gap;
  }
  marks.erase(marks.begin() + static_cast<std::ptrdiff_t>(least));
}

FileRecord& Positions::put(const FileRecord& file) {
  auto [at, added] = files.try_emplace(file.id, file);
  if (added) return at->second;
  FileRecord& known = at->second;
  known.source = file.source;
  known.path = file.path;
  known.formerly = file.formerly;
  known.residences = file.residences;
  known.head = file.head;
  known.seeking = file.seeking;
  known.left_at = file.left_at;
  return known;
}

void Positions::forget(const FileId& id) {
  const auto found = files.find(id);
  if (found == files.end()) return;
  if (!found->second.ledger.all_acknowledged())
    throw Error(Fault::bug, "forget a file generation", found->second.path, "it has bytes on their way");
  files.erase(found);
}

void Positions::send(BatchRecord batch) {
  for (const auto& s : batch.segments) {
    FileRecord& file = known_file(files, s.file);
    file.ledger.add(s.segment);
    add_mark(file.marks, s.segment.end);
  }
  batch.acknowledged = false;
  batches.push_back(std::move(batch));
}

BatchRecord* Positions::find_batch(const std::string& batch_id) {
  const auto at = std::find_if(batches.begin(), batches.end(), [&](const BatchRecord& b) { return b.id == batch_id; });
  return at == batches.end() ? nullptr : &*at;
}

const BatchRecord* Positions::find_batch(const std::string& batch_id) const {
  return const_cast<Positions*>(this)->find_batch(batch_id);
}

bool Positions::acknowledge(const std::string& batch_id) {
  BatchRecord* batch = find_batch(batch_id);
  if (!batch || batch->acknowledged) return false;
  batch->acknowledged = true;
  for (const auto& s : batch->segments) known_file(files, s.file).ledger.acknowledge(s.segment.start.offset);
  batches.remove_if([&](const BatchRecord& b) {
    return b.acknowledged && std::all_of(b.segments.begin(), b.segments.end(), [&](const BatchSegment& s) {
             const auto file = files.find(s.file);
             return file == files.end() || file->second.ledger.committed().offset >= s.segment.end.offset;
           });
  });
  return true;
}

void Positions::skip(const FileId& id, const Segment& segment, SkipReason reason) {
  // An acknowledged batch of its own: until it is committed it has to be remembered like any other.
  BatchRecord batch;
  batch.segments.push_back({id, segment});
  batch.id = std::string("skip-") + skip_reason_name(reason) + "-" + make_batch_id(batch.segments);
  const std::string batch_id = batch.id;
  send(std::move(batch));
  acknowledge(batch_id);
  known_file(files, id).skipped[static_cast<std::size_t>(reason)] += segment.bytes();
}

}  // namespace tandem::shipper
