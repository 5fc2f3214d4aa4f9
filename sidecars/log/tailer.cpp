#include "sidecars/log/tailer.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "core/os/check.hpp"
#include "sidecars/log/hash.hpp"
#include "sidecars/log/positions_codec.hpp"

namespace tandem::shipper {
namespace {

constexpr std::size_t start_bytes = 64;

std::uint64_t size_of(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

}  // namespace

bool has_no_writer(int fd) {
  // fcntl(2): a read lease is granted only while no process has the file open for writing. Should one open it right
  // now, the lease is broken with a signal: let it be one that is ignored by default.
  ::fcntl(fd, F_SETSIG, SIGURG);
  if (::fcntl(fd, F_SETLEASE, F_RDLCK) != 0) return false;
  ::fcntl(fd, F_SETLEASE, F_UNLCK);
  return true;
}

Tailer::Tailer(TailerOptions options, PositionStore& store, Positions positions)
    : options_(std::move(options)),
      store_(&store),
      positions_(std::move(positions)),
      encoder_(options_.format, options_.origin) {
  for (auto& [id, record] : positions_.files) {
    Follow& follow = follows_[id];
    follow.record = &record;
    follow.cursor = {record.ledger.read().offset, record.ledger.read().line_start};
    if (record.has_inode()) by_inode_[{record.device, record.inode}] = id;
  }
  for (const auto& batch : positions_.batches)
    if (!batch.acknowledged) again_.push_back(batch.id);
}

void Tailer::enqueue(Follow& follow) {
  if (follow.queued || !follow.fd || follow.record->held) return;
  follow.queued = true;
  queue_.push_back(follow.record->id);
}

void Tailer::touch(const std::string& path) {
  const auto id = by_path_.find(path);
  if (id == by_path_.end()) return;
  const auto follow = follows_.find(id->second);
  if (follow != follows_.end()) enqueue(follow->second);
}

void Tailer::touch_all() {
  for (auto& [id, follow] : follows_) enqueue(follow);
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
    store_->checkpoint(positions_);
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
  if (batch->segments.empty()) return nullptr;
  batch->id = make_batch_id(batch->segments);
  return save(std::move(batch));
}

std::unique_ptr<Batch> Tailer::assemble(Time now, std::int64_t wall_ns) {
  auto batch = std::make_unique<Batch>();
  batch->time_ns = wall_ns;
  // A file that has more is put at the end: a fast writer does not starve the others.
  while (!queue_.empty()) {
    Follow& follow = follows_.at(queue_.front());
    const bool readable = follow.fd && !follow.record->held;
    const ReadResult result = readable ? read_into(*batch, follow, now) : ReadResult::at_end;
    queue_.pop_front();
    follow.queued = false;
    if (result != ReadResult::at_end) enqueue(follow);
    if (result == ReadResult::batch_full) break;
  }
  return batch;
}

std::unique_ptr<Batch> Tailer::save(std::unique_ptr<Batch> batch) {
  BatchRecord record;
  record.id = batch->id;
  record.time_ns = batch->time_ns;
  record.segments = batch->segments;
  try {
    if (checkpoint_due_ && !settle_store()) throw Error(Fault::environment, "save positions", "", store_problem_);
    std::string lines;
    for (const auto& s : batch->segments) {
      Follow& follow = follows_.at(s.file);
      if (follow.head_changed) lines += encode_file(*follow.record);
    }
    store_->append(lines + encode_batch(record));
  } catch (const Error& error) {
    store_problem_ = error.what();
    checkpoint_due_ = true;
    unsaved_ = std::move(batch);
    return nullptr;
  }
  store_problem_.clear();
  for (const auto& s : record.segments) follows_.at(s.file).head_changed = false;
  positions_.send(std::move(record));
  ++counts_.batches;
  counts_.records += batch->records;
  return batch;
}

// `bytes` begin at the start of the file.
void Tailer::extend_head(Follow& follow, std::string_view bytes) {
  bytes = bytes.substr(0, window_bytes);
  if (follow.start.size() < start_bytes) follow.start = bytes.substr(0, start_bytes);
  if (bytes.size() <= follow.record->head.length) return;
  follow.record->head = {static_cast<std::uint32_t>(bytes.size()), hash64(bytes)};
  follow.head_changed = true;
}

void Tailer::acknowledge(const Batch& batch, const std::string& sink_mark) {
  if (!positions_.acknowledge(batch.id)) return;
  counts_.acknowledged_records += batch.records;
  std::string lines = encode_ack(batch.id);
  if (!sink_mark.empty() && sink_mark != positions_.sink_mark) {
    positions_.sink_mark = sink_mark;
    lines += encode_sink_mark(sink_mark);
  }
  change(lines);
}

void Tailer::set_sink_mark(const std::string& mark) {
  positions_.sink_mark = mark;
  change(encode_sink_mark(mark));
}

Tailer::ReadResult Tailer::read_into(Batch& batch, Follow& follow, Time now) {
  if (!follow.identified) {
    const std::uint64_t size = size_of(follow.fd.get());
    if (size < follow.size) counts_.lost_bytes += follow.size - size;
    follow.size = size;
    if (size == 0 || !identify(follow, size, now)) return ReadResult::at_end;
  }
  const bool at_end = follow.final || (finishing_ && has_no_writer(follow.fd.get()));
  std::size_t wanted = options_.chunk_bytes;
  for (;;) {
    const std::uint64_t size = size_of(follow.fd.get());
    if (size < follow.cursor.offset) return restart_generation(follow, now), ReadResult::at_end;
    if (size < follow.size) {  // cut back, but not into what was read
      counts_.lost_bytes += follow.size - size;
      follow.scanned = 0;
    }
    follow.size = size;
    const std::size_t overlap = follow.tail.size();
    if (size == follow.scanned && !at_end && follow.scanned > follow.cursor.offset) return ReadResult::at_end;
    if (buffer_.size() < overlap + wanted) buffer_.resize(window_bytes + wanted);
    const auto count = attempt([&] {
      return ::pread(follow.fd.get(), buffer_.data(), overlap + wanted,
                     static_cast<off_t>(follow.cursor.offset - overlap));
    });
    if (count < 0) {
      follow.problem = Error::from_errno("read", follow.record->path, static_cast<int>(-count)).what();
      return ReadResult::at_end;
    }
    follow.problem.clear();
    const auto got = static_cast<std::size_t>(count);
    if (got < overlap || std::memcmp(buffer_.data(), follow.tail.data(), overlap) != 0)
      return restart_generation(follow, now), ReadResult::at_end;
    std::string_view data(buffer_.data() + overlap, got - overlap);
    if (data.empty()) return ReadResult::at_end;
    const bool end_of_file = got < overlap + wanted;
    if (data[0] == '\0' && follow.cursor.offset == follow.cursor.line_start && skip_hole(batch, follow))
      return ReadResult::more;
    // Truncated while it was being read: the kernel may have handed out zeros for what was gone.
    if (size_of(follow.fd.get()) < follow.cursor.offset + data.size()) data = data.substr(0, data.find('\0'));

    const std::uint64_t start = follow.cursor.offset;
    const bool full = !encode(batch, follow, data, at_end && end_of_file);
    const std::size_t consumed = follow.cursor.offset - start;
    if (consumed > 0) {
      if (overlap == start) extend_head(follow, {buffer_.data(), overlap + consumed});
      const std::size_t known = overlap + consumed, kept = std::min<std::size_t>(known, window_bytes);
      follow.tail.assign(buffer_.data() + known - kept, kept);
      follow.quiet_since = now;
      follow.size = std::max(follow.size, follow.cursor.offset);
      batch.input_bytes += consumed;
      add_segment(batch, follow);
    }
    if (buffer_.size() > 2 * options_.chunk_bytes + window_bytes) buffer_ = {};
    if (full) return ReadResult::batch_full;
    if (end_of_file) {
      follow.scanned = start + data.size();
      return ReadResult::at_end;
    }
    if (consumed > 0) return ReadResult::more;
    wanted = std::min<std::size_t>(wanted * 4, options_.line_limit + options_.chunk_bytes);
  }
}

// True: the bytes at the cursor are a hole that a writer left which kept its old offset after a truncation, and the
// cursor is past it now. False also when the hole must wait because the batch has bytes of this file before it.
bool Tailer::skip_hole(Batch& batch, Follow& follow) {
  const int fd = follow.fd.get();
  const auto at = static_cast<off_t>(follow.cursor.offset);
  if (::lseek(fd, at, SEEK_HOLE) != at) return false;
  const auto data = ::lseek(fd, at, SEEK_DATA);
  if (data <= at) return false;
  for (const auto& s : batch.segments)
    if (s.file == follow.record->id) return false;
  // The first block of data begins with zeros up to the writer's offset.
  auto end = static_cast<std::uint64_t>(data);
  const auto block = read_window(fd, end, 64u << 10);
  const auto text = block.find_first_not_of('\0');
  end += text == std::string::npos ? 0 : text;
  Segment segment;
  segment.start = follow.record->ledger.read();
  const std::uint64_t from = end > window_bytes ? end - window_bytes : 0;
  follow.tail = read_window(fd, from, static_cast<std::size_t>(end - from));
  segment.end = make_position(end, end, follow.tail);
  positions_.skip(follow.record->id, segment, SkipReason::hole);
  change(encode_skip(follow.record->id, segment, SkipReason::hole));
  follow.cursor = {end, end};
  return true;
}

// False: the batch is full before all of `data` is in it.
bool Tailer::encode(Batch& batch, Follow& follow, std::string_view data, bool at_end) {
  encoder_.begin(batch.time_ns, follow.record->source, follow.record->path, follow.record->id);
  bool full = false;
  split_lines(data, options_.line_limit, at_end, follow.cursor, [&](const Line& line) {
    const std::size_t before = batch.body.size();
    encoder_.append(line, batch.body);
    if (batch.records > 0 && (batch.body.size() > options_.batch_bytes || batch.records >= options_.batch_records)) {
      batch.body.truncate(before);
      full = true;
      return false;
    }
    ++batch.records;
    return true;
  });
  return !full;
}

void Tailer::add_segment(Batch& batch, Follow& follow) {
  const Position end = make_position(follow.cursor.offset, follow.cursor.line_start, follow.tail);
  for (auto& s : batch.segments) {
    if (s.file != follow.record->id) continue;
    s.segment.end = end;
    return;
  }
  batch.segments.push_back({follow.record->id, {follow.record->ledger.read(), end}});
}

bool Tailer::has_unlisted() const {
  return std::any_of(follows_.begin(), follows_.end(), [](const auto& f) { return f.second.fd && !f.second.listed; });
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
    account.in_reach = follow.listed;
    account.read = follow.cursor.offset;
    account.written = record.held ? follow.cursor.offset : std::max(follow.size, account.read);
    account.acknowledged = record.ledger.committed().offset + record.ledger.acknowledged_bytes();
    std::copy(std::begin(record.skipped), std::end(record.skipped), account.skipped);
    account.problem = follow.problem;
    if (follow.fd && follow.scanned >= account.written) account.unterminated = account.written - account.read;
    all.push_back(std::move(account));
  }
  return all;
}

std::vector<std::string> Tailer::take_notes() { return std::exchange(notes_, {}); }

const Tailer::Follow* Tailer::provider(const FileId& id, const Position& end) const {
  const auto fits = [&](const Follow& follow) {
    return follow.fd && size_of(follow.fd.get()) >= end.offset && position_matches(follow.fd.get(), end);
  };
  const auto own = follows_.find(id);
  if (own != follows_.end() && fits(own->second)) return &own->second;
  for (const auto& [other, follow] : follows_)
    if (follow.record->copy_of == id && fits(follow)) return &follow;
  return nullptr;
}

}  // namespace tandem::shipper
