// The part of the Tailer that reads: from the place that has most of a generation, as long as what was read of it
// before is still there.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "core/os/check.hpp"
#include "sidecars/log/hash.hpp"
#include "sidecars/log/positions_codec.hpp"
#include "sidecars/log/tailer.hpp"

namespace tandem::shipper {
namespace {

constexpr std::uint64_t most_input = 16u << 20;  // bytes of files in one batch
constexpr std::size_t cheap_to_search = 4096;    // compared with a system call

}  // namespace

std::uint64_t size_of(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

Writers writers_of(int fd) {
  // fcntl(2): a read lease is granted only while no process has the file open for writing. Should one open it right
  // now, the lease is broken with a signal: let it be one that is ignored by default.
  ::fcntl(fd, F_SETSIG, SIGURG);
  if (::fcntl(fd, F_SETLEASE, F_RDLCK) != 0) return errno == EAGAIN ? Writers::some : Writers::unknown;
  ::fcntl(fd, F_SETLEASE, F_UNLCK);
  return Writers::none;
}

bool has_no_writer(int fd) { return writers_of(fd) == Writers::none; }

// Nothing but a hole was read of it: only its beginning tells whether it was rewritten since.
bool Tailer::is_unread(const Follow& follow) { return follow.tail.find_first_not_of('\0') == follow.tail.npos; }

// The longest place that has all that was read; nullptr: none has. Those that were truncated are given up on the way.
Tailer::Place* Tailer::lead(Follow& follow, Time now) {
  for (;;) {
    Place* best = nullptr;
    const Place* lost = nullptr;
    for (auto& place : follow.places) {
      if (!place.fd) continue;
      const std::uint64_t size = size_of(place.fd.get());
      if (size < place.size && (size == 0 || size < follow.cursor.offset || follow.places.size() > 1)) {
        lost = &place;
        continue;
      }
      place.size = size;
      if (size < follow.cursor.offset) continue;
      if (!best || size > best->size || (size == best->size && place.node() == follow.leading)) best = &place;
    }
    if (!lost && best && best->node() != follow.leading && !take_tail(follow, *best)) lost = best;
    if (lost) {
      leave(follow, lost->node(), now);
      continue;
    }
    if (!best) return nullptr;
    if (best->node() != follow.leading) {
      follow.leading = best->node();
      if (!best->copy && follow.record->path != best->shown) {
        follow.record->path = best->shown;
        follow.head_changed = true;
      }
    }
    if (follow.record->seeking && follow.lost_in_scan < scans_ && best->size >= follow.written) {
      follow.record->seeking = false;
      change(encode_file(*follow.record));
    }
    return best;
  }
}

// Takes the bytes before the cursor from a place, to go on from there. False: it has others.
bool Tailer::take_tail(Follow& follow, const Place& place) {
  const int fd = place.fd.get();
  const std::uint64_t end = follow.cursor.offset;
  if (end == 0) return Beginning(fd).agreement(follow.record->head).has_value();
  const std::uint64_t from = end > window_bytes ? end - window_bytes : 0;
  const std::string tail = read_window(fd, from, static_cast<std::size_t>(end - from));
  if (!follow.tail.empty() ? !tail.ends_with(follow.tail) : !position_matches(fd, follow.record->ledger.read()))
    return false;
  follow.tail = tail;
  return true;
}

void Tailer::look_at(Follow& follow, Time now) {
  if (!follow.identified) {
    identify(follow, now);
    return;
  }
  const Place* const place = lead(follow, now);
  if (!place || place->size == 0) return;
  const int fd = place->fd.get();
  const std::uint64_t end = follow.cursor.offset;
  bool same = read_window(fd, end - follow.tail.size(), follow.tail.size()) == follow.tail;
  if (same && is_unread(follow)) {
    const Beginning beginning(fd);
    same = beginning.agreement(follow.record->head).has_value();
    if (same && follow.record->head.length < window_bytes) {
      know_beginning(follow, beginning);
      if (std::exchange(follow.head_changed, false)) change(encode_file(*follow.record));
    }
  }
  if (same) {
    follow.written = std::max(follow.written, place->size);
  } else {
    leave(follow, follow.leading, now);
  }
}

Tailer::ReadResult Tailer::read_into(Batch& batch, Follow& follow, Time now) {
  const Place* place = lead(follow, now);
  if (!place) return ReadResult::at_end;
  const int fd = place->fd.get();
  const auto rewritten = [&] {
    leave(follow, follow.leading, now);
    enqueue(follow);  // there may be another place of it
    return ReadResult::at_end;
  };
  const std::uint64_t size = place->size;
  follow.lag.saw(size, now);
  const Framing* const framing = framing_of(*follow.record);
  const bool due = framing && (finishing_ || (size == follow.scanned && now - follow.scanned_at >= framing->patience));
  const bool at_end = follow.final || (finishing_ && has_no_writer(fd));
  const Ending ending = at_end ? Ending::final : due ? Ending::lines : Ending::open;
  if (size == follow.scanned && ending == Ending::open && follow.scanned > follow.cursor.offset)
    return ReadResult::at_end;
  for (std::size_t wanted = options_.chunk_bytes;;) {
    const std::size_t overlap = follow.tail.size();
    if (buffer_.size() < overlap + wanted) buffer_.resize(window_bytes + wanted);
    const auto count = attempt([&] {
      return ::pread(fd, buffer_.data(), overlap + wanted, static_cast<off_t>(follow.cursor.offset - overlap));
    });
    if (count < 0) {
      follow.problem = Error::from_errno("read", follow.record->path, static_cast<int>(-count)).what();
      return ReadResult::at_end;
    }
    follow.problem.clear();
    const auto got = static_cast<std::size_t>(count);
    if (got < overlap || std::memcmp(buffer_.data(), follow.tail.data(), overlap) != 0) return rewritten();
    std::string_view data(buffer_.data() + overlap, got - overlap);
    if (data.empty()) return ReadResult::at_end;
    const bool end_of_file = got < overlap + wanted;
    const std::uint64_t start = follow.cursor.offset;
    const bool unread = is_unread(follow);
    if (unread || follow.record->head.length < window_bytes) {
      const Beginning beginning(fd);
      if (unread && !beginning.agreement(follow.record->head)) return rewritten();
      know_beginning(follow, beginning);
    }
    if (follow.written > size && !follow.record->seeking) {  // cut back, but not into what was read
      counts_.lost_bytes += follow.written - size;
      follow.scanned = 0;
      follow.written = size;
    }
    follow.written = std::max({follow.written, size, start});
    if (data[0] == '\0' && follow.cursor.offset == follow.cursor.line_start && skip_hole(batch, follow, fd))
      return ReadResult::more;
    // Truncated while it was being read: the kernel may have handed out zeros for what was gone.
    const bool may_hold_zeros = data.size() > cheap_to_search || data.find('\0') != std::string_view::npos;
    if (may_hold_zeros && size_of(fd) < follow.cursor.offset + data.size()) data = data.substr(0, data.find('\0'));

    const bool full = !encode(batch, follow, data, overlap, end_of_file ? ending : Ending::open);
    const std::size_t consumed = follow.cursor.offset - start;
    if (consumed > 0) {
      const std::size_t known = overlap + consumed, kept = std::min<std::size_t>(known, window_bytes);
      follow.tail.assign(buffer_.data() + known - kept, kept);
      follow.quiet_since = now;
      follow.written = std::max(follow.written, follow.cursor.offset);
      batch.input_bytes += consumed;
      add_segment(batch, follow);
    }
    if (buffer_.size() > 2 * options_.chunk_bytes + window_bytes) buffer_ = {};
    // Records that transforms drop make no batch full; but it must not take for ever.
    if (full || batch.input_bytes > most_input) return ReadResult::batch_full;
    if (end_of_file) {
      if (follow.scanned != start + data.size()) follow.scanned_at = now;
      follow.scanned = start + data.size();
      if (framing && data.find('\n', consumed) != std::string_view::npos) waiting_.insert(follow.record->id);
      follow.written = std::max(follow.written, follow.scanned);
      follow.final = false;
      return ReadResult::at_end;
    }
    if (consumed > 0) return ReadResult::more;
    wanted = std::min<std::size_t>(wanted * 4, options_.line_limit + options_.chunk_bytes + longest_beside);
  }
}

// True: the bytes at the cursor are a hole that a writer left which kept its old offset after a truncation, and the
// cursor is past it now. False also when the hole must wait because the batch has bytes of this file before it.
bool Tailer::skip_hole(Batch& batch, Follow& follow, int fd) {
  const auto at = static_cast<off_t>(follow.cursor.offset);
  const auto hole = ::lseek(fd, at, SEEK_HOLE) == at ? ::lseek(fd, at, SEEK_DATA) : at;
  // Smaller than a block, or copied, it is made of zeros; no log begins with those.
  const auto data = hole < 0 ? at : hole;
  if (data == at && !follow.tail.empty() && follow.tail.back() != '\0') return false;
  if (has_segment(batch, follow)) return false;
  // The first block of data begins with zeros up to the writer's offset.
  const std::uint64_t end = skip_zeros(fd, static_cast<std::uint64_t>(data));
  if (end == follow.cursor.offset) return false;
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

// Raw lines are copied as they are, as many at once as fit: all of them together, not each. `data` is left with the
// rest: what is no whole line, or too long for one, or does not fit. False: the batch is full.
bool Tailer::copy_raw(Batch& batch, Follow& follow, std::string_view& data) {
  const std::uint64_t used = batch.body.size();
  const std::uint64_t room = options_.batch_bytes - std::min<std::uint64_t>(used, options_.batch_bytes);
  const char* const begin = data.data();
  const char* const end = begin + data.size();
  const char* at = begin;
  std::uint64_t records = batch.records;
  bool full = false;
  while (at != end) {
    const auto* newline = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
    if (!newline || static_cast<std::uint64_t>(newline - at) > options_.line_limit) break;
    full = static_cast<std::uint64_t>(newline + 1 - begin) > room || records >= options_.batch_records;
    if (full) break;
    ++records;
    at = newline + 1;
  }
  const auto taken = static_cast<std::size_t>(at - begin);
  batch.body.append({begin, taken});
  batch.records = records;
  follow.cursor.offset += taken;
  if (taken > 0) follow.cursor.line_start = follow.cursor.offset;
  data.remove_prefix(taken);
  return !full || batch.records == 0;
}

const Framing* Tailer::framing_of(const FileRecord& record) const {
  for (const auto& source : options_.sources)
    if (source.name == record.source) return source.framing.get();
  return nullptr;
}

// False: the batch is full.
bool Tailer::encode(Batch& batch, Follow& follow, std::string_view data, std::size_t before, Ending ending) {
  const char* const begin = data.data();
  const Framing* const framing = framing_of(*follow.record);
  Encoder& encoder = *options_.encoder;
  encoder.begin(batch.time_ns, follow.record->source, follow.record->path, follow.record->id);
  if (encoder.is_verbatim() && !framing && follow.cursor.offset == follow.cursor.line_start &&
      !copy_raw(batch, follow, data))
    return false;
  before += static_cast<std::size_t>(data.data() - begin);
  bool full = false;
  const auto emit = [&](const Line& line) {
    counts_.cut_lines += line.cut == Cut::bytes || (line.piece == 0 && !line.last);
    counts_.cut_records += line.cut == Cut::lines;
    if (encoder.append(line, batch.body)) ++batch.records;
    full = batch.body.size() >= options_.batch_bytes || batch.records >= options_.batch_records;
    return !full;
  };
  if (framing) {
    framer_.cut(data, *framing, options_.line_limit, ending, follow.cursor, emit, {before, 0});
  } else {
    split_lines(data, options_.line_limit, ending == Ending::final, follow.cursor, emit, {before, 0});
  }
  return !full;
}

// A batch may have a segment of each of thousands of files.
bool Tailer::has_segment(const Batch& batch, const Follow& follow) {
  return follow.segment < batch.segments.size() && batch.segments[follow.segment].file == follow.record->id;
}

void Tailer::add_segment(Batch& batch, Follow& follow) {
  const Position end = make_position(follow.cursor.offset, follow.cursor.line_start, follow.tail);
  if (has_segment(batch, follow)) {
    batch.segments[follow.segment].segment.end = end;
    return;
  }
  follow.segment = batch.segments.size();
  batch.segments.push_back({follow.record->id, {follow.record->ledger.read(), end}});
}

}  // namespace tandem::shipper
