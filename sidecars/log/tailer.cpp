#include "sidecars/log/tailer.hpp"

#include <algorithm>

#include "core/os/error.hpp"
#include "sidecars/log/positions_codec.hpp"

namespace tandem::shipper {
namespace {

constexpr std::size_t most_spare_bodies = 4;

}  // namespace

Tailer::Tailer(TailerOptions options, PositionStore& store, Positions positions)
    : options_(std::move(options)), store_(&store), positions_(std::move(positions)), looked_at_(store.written_at()) {
  for (auto& [id, record] : positions_.files) {
    Follow& follow = follows_[id];
    follow.record = &record;
    follow.cursor = {record.ledger.read().offset, record.ledger.read().line_start};
    follow.identified = record.head.length > 0;
    if (follow.identified)
      file_under(follow, first_line_key(record.head.start, record.head.offset, options_.strong_evidence));
    // The original was deleted, and the process that had it open died: what it had more than its copies is sought.
    const bool original_gone =
        std::all_of(record.residences.begin(), record.residences.end(), [](const Residence& r) { return r.copy; });
    const bool cut_short = record.left_at == 0 || !record.ledger.all_acknowledged();
    record.seeking = record.seeking || (original_gone && cut_short);
    for (const auto& residence : record.residences) {
      static_cast<Residence&>(follow.places.emplace_back()) = residence;
      by_inode_[{residence.device, residence.inode}] = id;
    }
  }
  for (const auto& batch : positions_.batches)
    if (!batch.acknowledged) again_.push_back(batch.id);
}

void Tailer::enqueue(Follow& follow) {
  if (follow.queued) return;
  follow.queued = true;
  queue_.push_back(follow.record->id);
}

void Tailer::touch(Follow& follow) {
  enqueue(follow);
  if (follow.touched) return;
  follow.touched = true;
  touched_.push_back(follow.record->id);
}

void Tailer::touch(const std::string& path) {
  const auto id = by_path_.find(path);
  if (id == by_path_.end()) return;
  const auto follow = follows_.find(id->second);
  if (follow != follows_.end()) touch(follow->second);
}

bool Tailer::takes(const std::string& path) const {
  return std::any_of(options_.sources.begin(), options_.sources.end(),
                     [&](const Source& source) { return source.takes(path); });
}

bool Tailer::follows(const std::string& path) const { return by_path_.contains(path); }

void Tailer::miss(const std::string& path) {
  if (follows(path)) return;
  ++counts_.missed_files;
  missed_example_ = path;
}

void Tailer::touch_all() {
  for (auto& [id, follow] : follows_) touch(follow);
}

void Tailer::look(Time now) {
  // What was rewritten becomes a generation of its own, to be looked at too.
  for (int round = 0; round < 3 && !touched_.empty(); ++round) {
    for (const auto& id : std::exchange(touched_, {})) {
      const auto follow = follows_.find(id);
      if (follow != follows_.end() && std::exchange(follow->second.touched, false)) look_at(follow->second, now);
    }
  }
}

void Tailer::finish() {
  finishing_ = true;
  touch_all();
}

void Tailer::change(const std::string& lines) {
  if (checkpoint_due_) return;
  try {
    store_->append(lines);
  } catch (const Error&) {
    checkpoint_due_ = true;
  }
}

bool Tailer::settle_store() {
  if (!checkpoint_due_ && !store_->wants_checkpoint()) return true;
  try {
    checkpoint_due_ ? store_->checkpoint(positions_) : store_->begin_checkpoint(positions_);
    checkpoint_due_ = false;
    store_problem_.clear();
    return true;
  } catch (const Error& error) {
    checkpoint_due_ = true;
    store_problem_ = error.what();
    return false;
  }
}

std::unique_ptr<Batch> Tailer::next(Time now, std::int64_t wall_ns) {
  if (!settle_store()) return nullptr;
  if (unsaved_) return save(std::move(unsaved_));
  if (!again_.empty() && scans_ > 0) identify_all(now);  // what is to be sent again may be in a copy only
  for (std::size_t tries = again_.size(); tries > 0; --tries)
    if (auto batch = read_again(now)) return batch;
  auto batch = assemble(now, wall_ns);
  if (batch->segments.empty()) {
    spare_bodies_.clear();  // idle: memory is given back
    return nullptr;
  }
  batch->id = make_batch_id(batch->segments);
  return save(std::move(batch));
}

std::unique_ptr<Batch> Tailer::assemble(Time now, std::int64_t wall_ns) {
  auto batch = std::make_unique<Batch>();
  batch->time_ns = wall_ns;
  if (!spare_bodies_.empty()) {
    batch->body = std::move(spare_bodies_.back());
    spare_bodies_.pop_back();
  }
  options_.encoder->start(batch->body);
  // A file that has more is put at the end: a fast writer does not starve the others.
  while (!queue_.empty()) {
    const auto at = follows_.find(queue_.front());
    queue_.pop_front();
    if (at == follows_.end()) continue;
    Follow& follow = at->second;
    follow.queued = false;
    follow.touched = false;
    if (!follow.identified && !identify(follow, now)) continue;
    const ReadResult result = read_into(*batch, follow, now);
    if (result != ReadResult::at_end) enqueue(follow);
    if (result == ReadResult::batch_full) break;
  }
  finish_body(*batch);
  return batch;
}

void Tailer::finish_body(Batch& batch) {
  if (batch.records == 0) return batch.body.truncate(0);
  options_.encoder->finish(batch.body);
}

Time Tailer::next_due() const {
  Time next = Time::max();
  for (const auto& id : waiting_) {
    const auto follow = follows_.find(id);
    if (follow == follows_.end()) continue;
    if (const Framing* const framing = framing_of(*follow->second.record))
      next = std::min(next, follow->second.scanned_at + framing->patience);
  }
  return next;
}

void Tailer::touch_due(Time now) {
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    const auto follow = follows_.find(*at);
    const Framing* const framing = follow == follows_.end() ? nullptr : framing_of(*follow->second.record);
    if (framing && now < follow->second.scanned_at + framing->patience) {
      ++at;
      continue;
    }
    if (framing) enqueue(follow->second);
    at = waiting_.erase(at);
  }
}

std::unique_ptr<Batch> Tailer::save(std::unique_ptr<Batch> batch) {
  BatchRecord record;
  record.id = batch->id;
  record.time_ns = batch->time_ns;
  record.segments = batch->segments;
  std::vector<Follow*> changed;
  try {
    if (checkpoint_due_ && !settle_store()) throw Error(Fault::environment, "save positions", "", store_problem_);
    std::string lines;
    for (const auto& s : batch->segments) {
      Follow& follow = follows_.at(s.file);
      if (!follow.head_changed) continue;
      lines += encode_file(*follow.record);
      changed.push_back(&follow);
    }
    store_->append(lines + encode_batch(record));
  } catch (const Error& error) {
    store_problem_ = error.what();
    checkpoint_due_ = true;
    unsaved_ = std::move(batch);
    return nullptr;
  }
  store_problem_.clear();
  for (Follow* const follow : changed) follow->head_changed = false;
  positions_.send(std::move(record));
  ++counts_.batches;
  counts_.records += batch->records;
  return batch;
}

void Tailer::acknowledge(const Batch& batch, const std::string& sink_mark) {
  if (!positions_.acknowledge(batch.id)) return;
  counts_.acknowledged_records += batch.records;
  for (const auto& s : batch.segments) {
    const auto follow = follows_.find(s.file);
    if (follow != follows_.end()) follow->second.lag.forget(follow->second.record->ledger.committed().offset);
  }
  std::string lines = encode_ack(batch.id);
  if (!sink_mark.empty() && sink_mark != positions_.sink_mark) {
    positions_.sink_mark = sink_mark;
    lines += encode_sink_mark(sink_mark);
  }
  change(lines);
}

void Tailer::put_back(const Batch& batch) { again_.push_back(batch.id); }

void Tailer::reconfigure(TailerOptions options) {
  options_ = std::move(options);
  if (unsaved_) {  // nothing of it is on disk: as if it had never been read
    for (const auto& s : unsaved_->segments) {
      Follow& follow = follows_.at(s.file);
      const Position& read = follow.record->ledger.read();
      follow.cursor = {read.offset, read.line_start};
      follow.tail.clear();
      follow.leading = {};
      follow.scanned = 0;
    }
    unsaved_.reset();
  }
  wants_scan_ = true;
  touch_all();
}

void Tailer::reuse(Buffer body) {
  if (spare_bodies_.size() == most_spare_bodies || body.capacity() > 4 * options_.batch_bytes) return;
  body.truncate(0);
  spare_bodies_.push_back(std::move(body));
}

void Tailer::set_sink_mark(const std::string& mark) {
  positions_.sink_mark = mark;
  change(encode_sink_mark(mark));
}

std::vector<std::string> Tailer::take_notes() { return std::exchange(notes_, {}); }

}  // namespace tandem::shipper
