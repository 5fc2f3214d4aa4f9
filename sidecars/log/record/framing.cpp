#include "sidecars/log/record/framing.hpp"

#include <algorithm>
#include <utility>

#include "sidecars/log/record/cri_line.hpp"
#include "sidecars/log/record/spool_line.hpp"

namespace tandem::shipper {
namespace {

constexpr std::uint64_t nowhere = static_cast<std::uint64_t>(-1);

// Adds `more` at the end of a text, a newline between them when both are lines. Views that lie beside each other in the
// file stay a view.
void extend(std::string_view& text, std::string& joined, std::string_view more, bool as_line) {
  if (joined.empty() && as_line && text.data() + text.size() + 1 == more.data()) {
    text = {text.data(), text.size() + 1 + more.size()};
    return;
  }
  if (joined.empty()) joined = text;
  if (as_line) joined += '\n';
  joined += more;
}

// A line of a spool says the same as a container log's.
bool parse_spooled(std::string_view line, CriLine& out) {
  SpoolLine spooled;
  if (!parse_spool_line(line, spooled)) return false;
  out = {spooled.time_ns, spooled.peer, spooled.partial, spooled.message};
  return true;
}

}  // namespace

void Framer::cut(std::string_view bytes, const Framing& framing, std::uint64_t limit, Ending ending, LineCursor& cursor,
                 const std::function<bool(const Line&)>& emit, Beside around) {
  bool wanted = true;
  const auto in_pieces = [&](std::string_view rest, bool at_end) {
    const auto before = static_cast<std::size_t>(rest.data() - bytes.data());
    const Beside its{around.before + before, around.behind + bytes.size() - before - rest.size()};
    split_lines(
        rest, limit, at_end, cursor, [&](const Line& line) { return wanted = emit(line); }, its);
  };
  std::size_t at = 0;
  const auto line_end = [&](std::size_t from) { return std::min(bytes.find('\n', from), bytes.size()); };
  if (cursor.offset != cursor.line_start) {  // inside a line that goes in pieces
    const std::size_t end = line_end(0), stop = std::min(end + 1, bytes.size());
    const std::uint64_t before = cursor.offset;
    in_pieces(bytes.substr(0, stop), ending == Ending::final);
    at = static_cast<std::size_t>(cursor.offset - before);
    if (at < stop || !wanted) return;
  }
  const std::uint64_t base = cursor.offset - at;  // of bytes[0] in the file
  records_.clear();
  streams_.clear();
  first_ = 0;
  while (at < bytes.size() && wanted) {
    const std::size_t end = line_end(at);
    const bool terminated = end < bytes.size();
    const std::size_t behind = terminated ? end + 1 : end;
    if (behind - std::min<std::uint64_t>(oldest_open(), at) > limit) {
      close_all(Cut::bytes);
      wanted = emit_closed(at, cursor, base, emit);
      if (!wanted) return;
    }
    if (end - at > limit) {
      const std::uint64_t before = cursor.offset;
      in_pieces(bytes.substr(at, behind - at), ending == Ending::final);
      at += static_cast<std::size_t>(cursor.offset - before);
      if (at < behind) return;
      continue;
    }
    if (!terminated && ending != Ending::final) break;
    add_line(bytes.substr(at, end - at), at, behind, terminated, framing);
    at = behind;
    wanted = emit_closed(at, cursor, base, emit);
  }
  if (!wanted || ending == Ending::open) return;
  close_all();
  emit_closed(at, cursor, base, emit);
}

void Framer::add_line(std::string_view line, std::uint64_t begin, std::uint64_t end, bool terminated,
                      const Framing& framing) {
  Record part;
  part.begin = begin;
  part.end = end;
  part.text = line;
  part.terminated = terminated;
  CriLine cri;
  if (!framing.cri && !framing.spool) return add_part(stream_of(""), std::move(part), true, framing);
  if (!(framing.spool ? parse_spooled(line, cri) : parse_cri_line(line, cri))) {  // nobody's: as it is
    part.closed = true;
    records_.push_back(std::move(part));
    return;
  }
  part.text = cri.message;
  part.time_ns = cri.time_ns;
  part.stream = cri.stream;
  add_part(stream_of(cri.stream), std::move(part), !cri.partial, framing);
}

void Framer::add_part(Stream& stream, Record part, bool complete, const Framing& framing) {
  if (stream.partial == none) {
    stream.partial = records_.size();
    records_.push_back(std::move(part));
  } else {
    Record& line = records_[stream.partial];
    extend(line.text, line.joined, part.text, false);
    line.end = part.end;
    line.terminated = part.terminated;
  }
  if (!complete) return;
  const std::size_t index = std::exchange(stream.partial, none);
  Record& line = records_[index];
  line.lines = 1;
  if (!framing.rules) {
    line.closed = true;
    return;
  }
  const std::string_view text = line.joined.empty() ? line.text : std::string_view(line.joined);
  if (stream.record != none) {
    Record& record = records_[stream.record];
    const bool continues = framing.rules->continues(text, record.state);
    if (continues && record.lines < framing.most_lines) {
      extend(record.text, record.joined, text, true);
      record.end = line.end;
      record.terminated = line.terminated;
      ++record.lines;
      line.merged = line.closed = true;
      return;
    }
    record.closed = true;
    if (continues) record.cut = Cut::lines;
  }
  framing.rules->continues(text, line.state);
  stream.record = index;
}

void Framer::close_all(Cut cut) {
  for (auto& stream : streams_) stream.record = stream.partial = none;
  for (std::size_t i = first_; i < records_.size(); ++i) {
    if (!records_[i].closed) records_[i].cut = cut;
    records_[i].closed = true;
  }
}

std::uint64_t Framer::oldest_open() const {
  for (std::size_t i = first_; i < records_.size(); ++i)
    if (!records_[i].closed) return records_[i].begin;
  return nowhere;
}

// Emits up to the last place before `end` that no record spans and before which none is open; the cursor goes there.
bool Framer::emit_closed(std::uint64_t end, LineCursor& cursor, std::uint64_t base,
                         const std::function<bool(const Line&)>& emit) {
  bool wanted = true;
  while (first_ < records_.size() && wanted) {
    std::uint64_t reach = 0;
    std::size_t stop = first_;
    for (; stop < records_.size(); ++stop) {
      if (stop > first_ && !records_[stop].merged && records_[stop].begin >= reach) break;
      if (!records_[stop].closed) return true;
      if (!records_[stop].merged) reach = std::max(reach, records_[stop].end);
    }
    const std::uint64_t next = stop < records_.size() ? records_[stop].begin : end;
    for (; first_ < stop; ++first_) {
      const Record& record = records_[first_];
      if (record.merged) continue;
      Line line;
      line.text = record.joined.empty() ? record.text : std::string_view(record.joined);
      line.offset = line.line_start = base + record.begin;
      line.terminated = record.terminated;
      line.stream = record.stream;
      line.time_ns = record.time_ns;
      line.cut = record.cut;
      wanted = emit(line) && wanted;
    }
    cursor.offset = cursor.line_start = base + next;
  }
  if (first_ == records_.size()) {
    records_.clear();
    first_ = 0;
    for (auto& stream : streams_) stream.record = stream.partial = none;
  }
  return wanted;
}

Framer::Stream& Framer::stream_of(std::string_view name) {
  for (auto& stream : streams_)
    if (stream.name == name) return stream;
  streams_.push_back({name, none, none});
  return streams_.back();
}

}  // namespace tandem::shipper
