// The part of the Tailer that gives account: what was written, read, acknowledged.
#include <algorithm>

#include "sidecars/log/tailer.hpp"

namespace tandem::shipper {

bool Tailer::has_unlisted() const {
  const auto unlisted = [](const Place& place) { return place.fd && !place.listed; };
  return std::any_of(follows_.begin(), follows_.end(), [&](const auto& f) {
    return std::any_of(f.second.places.begin(), f.second.places.end(), unlisted);
  });
}

std::uint64_t Tailer::unacknowledged_bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& account : accounts()) bytes += account.written - std::min(account.written, account.acknowledged);
  return bytes;
}

std::uint64_t Tailer::bytes_at_risk() const {
  std::uint64_t bytes = 0;
  for (const auto& account : accounts())
    if (!account.in_reach) bytes += account.written - std::min(account.written, account.acknowledged);
  return bytes;
}

std::uint64_t Tailer::read_to_go_bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& account : accounts()) bytes += account.written - std::min(account.written, account.read);
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
    account.in_reach =
        std::any_of(follow.places.begin(), follow.places.end(), [](const Place& place) { return place.listed; });
    account.read = follow.cursor.offset;
    account.written = std::max(follow.written, account.read);
    for (const auto& place : follow.places)
      if (place.fd && place.node() == follow.leading)
        account.written = std::max({account.written, place.size, size_of(place.fd.get())});
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
