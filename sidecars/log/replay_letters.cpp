#include "sidecars/log/replay_letters.hpp"

#include <algorithm>
#include <chrono>

#include "core/text/base64.hpp"
#include "sidecars/log/dead_letter.hpp"
#include "sidecars/log/sinks/aws_signature.hpp"

namespace tandem::shipper {
namespace {

std::int64_t wall_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// What makes a batch unlike any other: its letters' contents, in order.
std::string hash_of(const Letter* begin, const Letter* end) {
  std::string all;
  for (const Letter* letter = begin; letter != end; ++letter)
    all += std::to_string(letter->content.size()) + ":" + letter->content;
  return hex_sha256(all).substr(0, 32);
}

}  // namespace

bool LetterReader::read(std::string_view line, Letter& letter, std::string& why) {
  letter = {};
  why.clear();
  event_.clear();
  if (!parser_.parse(line, event_, fields_)) {
    why = "is no JSON object";
    return false;
  }
  bool has_content = false, packed = false;
  for (const auto& field : fields_) {
    if (field.name == "reason" && !field.literal) letter.reason = field.text;
    if (field.name == "sink" && !field.literal) letter.sink = field.text;
    if (field.name == "batch" && !field.literal) letter.batch = field.text;
    if (field.name == "encoding") packed = !field.literal && field.text == "base64";
    if (field.name == "encoding" && !packed) why = "has an unknown \"encoding\"";
    if (field.name != "record" && field.name != "body") continue;
    if (has_content) why = "has both \"record\" and \"body\"";
    has_content = true;
    letter.is_body = field.name == "body";
    letter.is_json = field.literal;
    letter.content = field.text;
  }
  if (letter.sink.empty()) why = "has no \"sink\"";
  if (!has_content) why = "has no \"record\" and no \"body\"";
  if (why.empty() && packed) {
    auto bytes = decode_base64(letter.content);
    if (!bytes || letter.is_json) {
      why = "has no base64 in its \"record\" or \"body\"";
    } else {
      letter.content = std::move(*bytes);
    }
  }
  return why.empty();
}

LetterEncoder::LetterEncoder(const SinkSettings& sink) : sink_(&sink) {
  std::string problem;
  time_format_ = make_time_format("rfc3339", "", problem);
  if (sink.make_format) format_ = sink.make_format(Origin());
}

std::string LetterEncoder::problem(const Letter& letter) const {
  if (!letter.is_body) return "";
  const BodyKind wanted = letter.is_json ? BodyKind::json : BodyKind::bytes;
  if (sink_->body == wanted) return "";
  return "the whole body of a request can only go to a sink of the type and encoding that it was made for";
}

// The record's fields into event_.
bool LetterEncoder::parse(const Letter& letter) {
  event_.clear();
  event_.time_ns = 0;
  if (!letter.is_json || !parser_.parse(letter.content, event_, fields_)) return false;
  bool has_time = false;
  for (const auto& field : fields_) {
    const bool time = !has_time && !field.literal && (field.name == "time" || field.name == "@timestamp");
    has_time = has_time || (time && time_format_->parse(field.text, 0, event_.time_ns));
    if (!time || !has_time) event_.fields.push_back(field);
  }
  return true;
}

void LetterEncoder::append(const Letter& letter, const FileId& file, std::uint64_t number, Buffer& body) {
  const bool as_it_is = !format_ && letter.is_json == (sink_->format == Format::json);
  if (as_it_is) {
    body.append(letter.content);
    return body.append("\n");
  }
  if (!parse(letter)) event_.set("message", letter.content);
  if (event_.time_ns == 0) event_.time_ns = wall_ns();
  event_.file = file;
  event_.offset = number;
  if (format_) return format_->append(event_, body);
  if (sink_->format == Format::json) {
    append_json_object(event_, body);
  } else {
    body.append(event_.find("message") ? event_.text("message") : std::string_view(letter.content));
  }
  body.append("\n");
}

Batch LetterEncoder::encode(const Letter* begin, const Letter* end) {
  Batch batch;
  const std::string hash = hash_of(begin, end);
  batch.id = "replay-" + hash;
  batch.records = static_cast<std::uint64_t>(end - begin);
  batch.time_ns = parse(*begin) && event_.time_ns ? event_.time_ns : wall_ns();
  if (begin->is_body) {
    batch.body.append(begin->content);
    return batch;
  }
  const FileId file = parse_file_id(hash).value_or(FileId{0, 1});
  BatchSegment segment;
  segment.file = file;
  segment.segment.end.offset = segment.segment.end.line_start = batch.records;
  batch.segments.push_back(segment);
  if (format_) format_->start(batch.body);
  std::uint64_t number = 0;
  for (const Letter* letter = begin; letter != end; ++letter) append(*letter, file, number++, batch.body);
  if (format_) format_->finish(batch.body);
  return batch;
}

}  // namespace tandem::shipper
