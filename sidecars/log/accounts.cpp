// The part of the Tailer that gives account: what was written, read, acknowledged.
#include <algorithm>

#include "sidecars/log/tailer.hpp"

namespace tandem::shipper {

bool Tailer::is_in_reach(const Follow& follow) {
  return std::any_of(follow.places.begin(), follow.places.end(), [](const Place& place) { return place.listed; });
}

// At least what was read of it.
std::uint64_t Tailer::written_of(const Follow& follow) {
  std::uint64_t written = std::max(follow.written, follow.cursor.offset);
  for (const auto& place : follow.places)
    if (place.fd && place.node() == follow.leading) written = std::max({written, place.size, size_of(place.fd.get())});
  return written;
}

std::uint64_t Tailer::unacknowledged_of(const Follow& follow) {
  const Ledger& ledger = follow.record->ledger;
  const std::uint64_t written = written_of(follow);
  return written - std::min(written, ledger.committed().offset + ledger.acknowledged_bytes());
}

std::uint64_t Tailer::unacknowledged_bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& [id, follow] : follows_) bytes += unacknowledged_of(follow);
  return bytes;
}

std::uint64_t Tailer::bytes_at_risk() const {
  std::uint64_t bytes = 0;
  for (const auto& [id, follow] : follows_)
    if (!is_in_reach(follow)) bytes += unacknowledged_of(follow);
  return bytes;
}

std::uint64_t Tailer::read_to_go_bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& [id, follow] : follows_) bytes += written_of(follow) - follow.cursor.offset;
  return bytes;
}

std::vector<FileAccount> Tailer::accounts() const {
  std::vector<FileAccount> all;
  for (const auto& [id, follow] : follows_) {
    const FileRecord& record = *follow.record;
    FileAccount account;
    account.path = record.path;
    account.source = record.source;
    account.id = id;
    account.in_reach = is_in_reach(follow);
    account.read = follow.cursor.offset;
    account.written = written_of(follow);
    account.acknowledged = record.ledger.committed().offset + record.ledger.acknowledged_bytes();
    std::copy(std::begin(record.skipped), std::end(record.skipped), account.skipped);
    account.problem = follow.problem;
    if (account.written > account.acknowledged) account.behind_since = follow.lag.since(account.acknowledged);
    if (!follow.record->seeking && follow.scanned >= account.written)
      account.unterminated = account.written - account.read;
    all.push_back(std::move(account));
  }
  return all;
}

// Spools are written by this process.
bool Tailer::is_spooled(const FileRecord& record) const {
  return std::any_of(options_.sources.begin(), options_.sources.end(),
                     [&](const Source& source) { return source.intake && source.name == record.source; });
}

WriterSurvey Tailer::survey_writers() const {
  WriterSurvey survey;
  survey.unknown = open_problems_.size();
  if (!open_problems_.empty()) survey.unknown_path = open_problems_.begin()->first;
  for (const auto& [id, follow] : follows_) {
    if (is_spooled(*follow.record)) continue;
    if (std::max(follow.written, follow.cursor.offset) > 0) ++survey.written;
    for (const auto& place : follow.places) {
      if (!place.fd || place.packed) continue;
      const Writers writers = writers_of(place.fd.get());
      if (writers == Writers::some) ++survey.writers;
      if (writers != Writers::unknown) continue;
      ++survey.unknown;
      survey.unknown_path = place.shown;
    }
  }
  return survey;
}

}  // namespace tandem::shipper
