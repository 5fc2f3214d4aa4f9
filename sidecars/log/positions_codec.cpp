#include "sidecars/log/positions_codec.hpp"

#include <fmt/format.h>

#include "core/os/error.hpp"
#include "sidecars/log/line_fields.hpp"

namespace tandem::shipper {
namespace {

constexpr std::string_view checkpoint_title = "positions", journal_title = "journal";
constexpr std::uint64_t version = 1;

const char* apply_file(Fields& fields, Positions& positions) {
  FileRecord file;
  file.id = fields.id();
  file.source = fields.text();
  file.path = fields.text();
  file.formerly = fields.text();
  file.head.start = fields.text();
  file.head.offset = fields.number();
  file.head.length = fields.number<std::uint32_t>();
  file.head.hash = fields.number(16);
  file.seeking = fields.number<int>() != 0;
  file.left_at = fields.number<std::int64_t>();
  file.ledger = Ledger(fields.position());
  for (auto& bytes : file.skipped) bytes = fields.number();
  auto count = fields.number();
  for (; count > 0 && fields.good; --count) {
    Residence residence;
    residence.device = fields.number();
    residence.inode = fields.number();
    residence.copy = fields.number<int>() != 0;
    residence.path = fields.text();
    file.residences.push_back(std::move(residence));
  }
  if (!fields.done() || file.head.length > window_bytes || file.head.start.size() > start_bytes)
    return "not a file line";
  positions.put(file);
  return nullptr;
}

const char* apply_batch(Fields& fields, Positions& positions) {
  BatchRecord batch;
  batch.id = fields.text();
  batch.time_ns = fields.number<std::int64_t>();
  const bool acknowledged = fields.number<int>() != 0;
  auto count = fields.number();
  if (!fields.good || count == 0 || count > 1'000'000 || positions.find_batch(batch.id)) return "not a batch line";
  for (; count > 0 && fields.good; --count) {
    BatchSegment part;
    part.file = fields.id();
    part.segment.start.offset = fields.number();
    part.segment.end = fields.position();
    const auto file = positions.files.find(part.file);
    if (!fields.good || file == positions.files.end()) return "a batch of a file that is not known";
    Ledger& ledger = file->second.ledger;
    if (part.segment.end.offset <= part.segment.start.offset) return "an empty segment";
    if (part.segment.end.offset > ledger.committed().offset) {
      if (part.segment.start.offset != ledger.read().offset) return "a segment that does not follow the one before";
      part.segment.start = ledger.read();
      ledger.add(part.segment);
      add_mark(file->second.marks, part.segment.end);
    }
    batch.segments.push_back(part);
  }
  if (!fields.done()) return "not a batch line";
  const std::string id = batch.id;
  positions.batches.push_back(std::move(batch));
  if (acknowledged) positions.acknowledge(id);
  return nullptr;
}

const char* apply_skip(Fields& fields, Positions& positions) {
  const auto id = fields.id();
  const auto start = fields.number();
  const auto end = fields.position();
  const auto reason = fields.word();
  const auto file = positions.files.find(id);
  if (!fields.done() || file == positions.files.end()) return "not a skip line";
  const Position& read = file->second.ledger.read();
  if (start != read.offset || end.offset <= start) return "a skip that does not follow the segment before";
  for (std::size_t i = 0; i < skip_reasons; ++i) {
    if (reason != skip_reason_name(static_cast<SkipReason>(i))) continue;
    positions.skip(id, {read, end}, static_cast<SkipReason>(i));
    return nullptr;
  }
  return "a skip for an unknown reason";
}

// nullptr: applied. Otherwise what is wrong, and nothing was changed.
const char* apply_line(std::string_view line, Positions& positions) {
  Fields fields(line);
  const auto verb = fields.word();
  if (verb == "file") return apply_file(fields, positions);
  if (verb == "batch") return apply_batch(fields, positions);
  if (verb == "skip") return apply_skip(fields, positions);
  if (verb == "ack") {
    const auto id = fields.text();
    return fields.done() && positions.acknowledge(id) ? nullptr : "an acknowledgement of no batch";
  }
  if (verb == "sink") {
    const auto mark = fields.text();
    if (!fields.done()) return "not a sink line";
    positions.sink_mark = mark;
    return nullptr;
  }
  if (verb == "mark") {
    const auto file = positions.files.find(fields.id());
    std::vector<Position> marks;
    do marks.push_back(fields.position());
    while (fields.good && !fields.done());
    if (!fields.good || file == positions.files.end()) return "not a mark line";
    for (const auto& mark : marks) add_mark(file->second.marks, mark);
    return nullptr;
  }
  if (verb == "forget") {
    const auto id = fields.id();
    const auto file = positions.files.find(id);
    if (!fields.done() || file == positions.files.end() || !file->second.ledger.all_acknowledged())
      return "not a forget line";
    positions.forget(id);
    return nullptr;
  }
  return "an unknown line";
}

void read_header(std::string_view line, std::string_view title, Decoded& result) {
  const auto text = checked(line);
  Fields fields(text.value_or(line));
  const bool ours = fields.word() == "tandem-log" && fields.word() == title;
  const auto written_by = fields.number();
  result.newer_version = ours && fields.good && written_by > version;
  result.epoch = fields.number();
  if (!ours) {
    result.problem = fmt::format("line 1: not a {} file of tandem-log", title);
  } else if (result.newer_version) {
    result.problem =
        fmt::format("written by a later tandem-log: its version is {}, this program knows {}", written_by, version);
  } else if (!text || !fields.done()) {
    result.problem = "line 1: the checksum does not match";
  }
}

std::string header(std::string_view title, std::uint64_t epoch) {
  return with_checksum(fmt::format("tandem-log {} {} {}", title, version, epoch));
}

}  // namespace

std::string encode_file(const FileRecord& f) {
  std::string line = fmt::format("file {} {} {} {} {} {} {} {:x} {} {} {}", to_string(f.id), quote(f.source),
                                 quote(f.path), quote(f.formerly), quote(f.head.start), f.head.offset, f.head.length,
                                 f.head.hash, f.seeking ? 1 : 0, f.left_at, text_of(f.ledger.committed()));
  for (const auto bytes : f.skipped) line += fmt::format(" {}", bytes);
  line += fmt::format(" {}", f.residences.size());
  for (const auto& r : f.residences)
    line += fmt::format(" {} {} {} {}", r.device, r.inode, r.copy ? 1 : 0, quote(r.path));
  return with_checksum(line);
}

std::string encode_forget(const FileId& id) { return with_checksum("forget " + to_string(id)); }

std::string encode_batch(const BatchRecord& batch) {
  std::string line = fmt::format("batch {} {} {} {}", quote(batch.id), batch.time_ns, batch.acknowledged ? 1 : 0,
                                 batch.segments.size());
  for (const auto& s : batch.segments)
    line += fmt::format(" {} {} {}", to_string(s.file), s.segment.start.offset, text_of(s.segment.end));
  return with_checksum(line);
}

std::string encode_ack(const std::string& batch_id) { return with_checksum("ack " + quote(batch_id)); }

std::string encode_sink_mark(const std::string& mark) { return with_checksum("sink " + quote(mark)); }

std::string encode_skip(const FileId& file, const Segment& segment, SkipReason reason) {
  return with_checksum(fmt::format("skip {} {} {} {}", to_string(file), segment.start.offset, text_of(segment.end),
                                   skip_reason_name(reason)));
}

std::string encode_journal_header(std::uint64_t epoch) { return header(journal_title, epoch); }

std::string encode_checkpoint(const Positions& positions, std::uint64_t epoch) {
  std::string text = header(checkpoint_title, epoch);
  std::size_t lines = 0;
  const auto add = [&](const std::string& line) {
    text += line;
    ++lines;
  };
  for (const auto& [id, file] : positions.files) {
    add(encode_file(file));
    std::string marks;
    for (const auto& mark : file.marks)
      if (mark.offset <= file.ledger.committed().offset) marks += " " + text_of(mark);
    if (!marks.empty()) add(with_checksum("mark " + to_string(id) + marks));
  }
  if (!positions.sink_mark.empty()) add(encode_sink_mark(positions.sink_mark));
  for (const auto& batch : positions.batches) add(encode_batch(batch));
  return text + with_checksum(fmt::format("end {}", lines));
}

Decoded decode_checkpoint(std::string_view text, Positions& positions) {
  Decoded result;
  std::string_view line;
  if (!next_line(text, line)) {
    result.problem = "line 1: not a positions file of tandem-log";
    return result;
  }
  read_header(line, checkpoint_title, result);
  if (!result.problem.empty()) return result;
  Positions read;
  for (std::size_t lines = 0; next_line(text, line); ++lines) {
    const auto content = checked(line);
    if (content == fmt::format("end {}", lines)) {
      if (!text.empty()) break;
      positions = std::move(read);
      result.ok = true;
      return result;
    }
    const char* wrong = content ? apply_line(*content, read) : "the checksum does not match";
    if (wrong) {
      result.problem = fmt::format("line {}: {}", lines + 2, wrong);
      return result;
    }
  }
  result.problem = "it does not end with its end line";
  return result;
}

Decoded replay_journal(std::string_view text, std::uint64_t epoch, Positions& positions, std::size_t& used_bytes) {
  Decoded result;
  used_bytes = 0;
  const std::size_t whole = text.size();
  std::string_view line;
  if (!next_line(text, line)) {
    result.ok = true;
    return result;
  }
  read_header(line, journal_title, result);
  if (!result.problem.empty()) return result;
  if (result.epoch != epoch) {
    result.ok = true;
    return result;
  }
  used_bytes = whole - text.size();
  for (std::size_t number = 2; next_line(text, line); ++number) {
    const auto content = checked(line);
    const char* wrong = content ? apply_line(*content, positions) : "the checksum does not match";
    if (wrong) {
      result.problem = fmt::format("line {}: {}", number, wrong);
      return result;
    }
    used_bytes = whole - text.size();
  }
  result.ok = true;
  return result;
}

}  // namespace tandem::shipper
