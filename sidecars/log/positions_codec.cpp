#include "sidecars/log/positions_codec.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "core/os/error.hpp"
#include "sidecars/log/hash.hpp"

namespace tandem::shipper {
namespace {

constexpr std::string_view checkpoint_title = "positions", journal_title = "journal";
constexpr std::uint64_t version = 1;

// No spaces, no newlines, never empty.
std::string quote(std::string_view text) {
  if (text.empty()) return "%";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7f || c == '%' || c == '#') {
      out += fmt::format("%{:02x}", byte);
    } else {
      out += c;
    }
  }
  return out;
}

template <class Number>
bool parse_number(std::string_view text, Number& number, int base = 10) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return error == std::errc() && end == text.data() + text.size();
}

bool unquote(std::string_view text, std::string& out) {
  out.clear();
  if (text == "%") return true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    unsigned byte = 0;
    if (i + 2 >= text.size() || !parse_number(text.substr(i + 1, 2), byte, 16)) return false;
    out += static_cast<char>(byte);
    i += 2;
  }
  return !text.empty();
}

std::string with_checksum(const std::string& line) {
  return fmt::format("{} #{:08x}\n", line, static_cast<std::uint32_t>(hash64(line)));
}

std::string text_of(const Position& p) {
  return fmt::format("{}:{}:{}:{:x}", p.offset, p.offset - p.line_start, p.tail_length, p.tail_hash);
}

// Takes the fields of one line from the left; `good` turns false at the first that is missing or wrong.
class Fields {
 public:
  explicit Fields(std::string_view line) : rest_(line) {}
  bool good = true;

  std::string_view word(char separator = ' ') {
    if (rest_.empty()) good = false;
    const auto end = rest_.find(separator);
    const auto word = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    return word;
  }
  template <class Number = std::uint64_t>
  Number number(int base = 10, char separator = ' ') {
    Number value = 0;
    good = parse_number(word(separator), value, base) && good;
    return value;
  }
  std::string text() {
    std::string value;
    good = unquote(word(), value) && good;
    return value;
  }
  FileId id() {
    const auto value = parse_file_id(word());
    good = value && good;
    return value.value_or(FileId{});
  }
  FileId id_or_none() {
    const auto value = word();
    if (value == "-") return {};
    const auto parsed = parse_file_id(value);
    good = parsed && good;
    return parsed.value_or(FileId{});
  }
  Position position() {
    Fields parts(word());
    Position p;
    p.offset = parts.number(10, ':');
    const auto into_line = parts.number(10, ':');
    p.tail_length = parts.number<std::uint32_t>(10, ':');
    p.tail_hash = parts.number(16, ':');
    good = good && parts.good && parts.rest_.empty() && into_line <= p.offset && p.tail_length <= p.offset &&
           p.tail_length <= window_bytes;
    p.line_start = p.offset - into_line;
    return p;
  }
  bool done() const { return good && rest_.empty(); }

 private:
  std::string_view rest_;
};

const char* apply_file(Fields& fields, Positions& positions) {
  FileRecord file;
  file.id = fields.id();
  file.source = fields.text();
  file.path = fields.text();
  file.device = fields.number();
  file.inode = fields.number();
  file.head.length = fields.number<std::uint32_t>();
  file.head.hash = fields.number(16);
  file.copy_of = fields.id_or_none();
  file.held = fields.number<int>() != 0;
  file.proven = fields.number();
  file.left_at = fields.number<std::int64_t>();
  file.ledger = Ledger(fields.position());
  for (auto& bytes : file.skipped) bytes = fields.number();
  if (!fields.done() || file.head.length > window_bytes) return "not a file line";
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
    const auto mark = fields.position();
    if (!fields.done() || file == positions.files.end()) return "not a mark line";
    add_mark(file->second.marks, mark);
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

// The line without its checksum; nullopt: it has none, or it does not match.
std::optional<std::string_view> checked(std::string_view line) {
  const auto at = line.rfind(" #");
  std::uint32_t sum = 0;
  if (at == std::string_view::npos || line.size() - at != 10 || !parse_number(line.substr(at + 2), sum, 16))
    return std::nullopt;
  const auto text = line.substr(0, at);
  if (static_cast<std::uint32_t>(hash64(text)) != sum) return std::nullopt;
  return text;
}

bool next_line(std::string_view& text, std::string_view& line) {
  const auto end = text.find('\n');
  if (end == std::string_view::npos) return false;
  line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return true;
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
  std::string line =
      fmt::format("file {} {} {} {} {} {} {:x} {} {} {} {} {}", to_string(f.id), quote(f.source), quote(f.path),
                  f.device, f.inode, f.head.length, f.head.hash, f.copy_of.is_null() ? "-" : to_string(f.copy_of),
                  f.held ? 1 : 0, f.proven, f.left_at, text_of(f.ledger.committed()));
  for (const auto bytes : f.skipped) line += fmt::format(" {}", bytes);
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
    for (const auto& mark : file.marks)
      if (mark.offset <= file.ledger.committed().offset)
        add(with_checksum(fmt::format("mark {} {}", to_string(id), text_of(mark))));
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
