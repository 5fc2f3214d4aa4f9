#include "sidecars/log/sinks/redis_script.hpp"

#include <openssl/sha.h>

#include "core/os/error.hpp"
#include "sidecars/log/encode/redis_format.hpp"

namespace tandem::shipper {
namespace {

constexpr std::size_t most_records = 1000, most_bytes = 256 * 1024;

void append_number(std::uint64_t number, Buffer& out) { append_bulk(std::to_string(number), out); }

}  // namespace

const std::string_view redis_script = R"lua(
local added, at = 0, 3
for k = 2, #KEYS do
  local from, to, records = tonumber(ARGV[at]), tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  local ranges = {}
  for a, b in string.gmatch(redis.call('GET', KEYS[k]) or '', '(%d+)-(%d+)') do
    ranges[#ranges + 1] = {tonumber(a), tonumber(b)}
  end
  at = at + 3
  for _ = 1, records do
    local offset, last, known = tonumber(ARGV[at]), at + 1 + tonumber(ARGV[at + 1]), false
    for _, r in ipairs(ranges) do known = known or (r[1] <= offset and offset < r[2]) end
    if not known then
      if ARGV[2] == '' then
        redis.call('XADD', KEYS[1], '*', unpack(ARGV, at + 2, last))
      else
        redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', unpack(ARGV, at + 2, last))
      end
      added = added + 1
    end
    at = last + 1
  end
  local apart = {}
  for _, r in ipairs(ranges) do
    if r[2] < from or to < r[1] then
      apart[#apart + 1] = r
    else
      from, to = math.min(from, r[1]), math.max(to, r[2])
    end
  end
  apart[#apart + 1] = {from, to}
  table.sort(apart, function(x, y) return x[1] < y[1] end)
  local text = {}
  for i = math.max(1, #apart - 15), #apart do
    text[#text + 1] = string.format('%.0f-%.0f', apart[i][1], apart[i][2])
  end
  redis.call('SET', KEYS[k], table.concat(text, ' '), 'EX', ARGV[1])
end
return added
)lua";

std::string redis_script_sha1() {
  unsigned char digest[SHA_DIGEST_LENGTH];
  ::SHA1(reinterpret_cast<const unsigned char*>(redis_script.data()), redis_script.size(), digest);
  std::string hex;
  for (const unsigned char byte : digest) hex += {"0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15]};
  return hex;
}

std::optional<std::string> redis_mark_prefix(std::string_view stream) {
  const auto open = stream.find('{');
  const auto close = open == stream.npos ? stream.npos : stream.find('}', open);
  const bool tagged = close != stream.npos && close > open + 1;
  const std::string_view tag = tagged ? stream.substr(open + 1, close - open - 1) : stream;
  if (tag.empty() || tag.find('}') != tag.npos) return std::nullopt;
  return "tandem-log:{" + std::string(tag) + "}:";
}

RedisCalls::RedisCalls(const RedisStream& settings, std::string_view mark_prefix, const Batch& batch)
    : settings_(&settings), mark_prefix_(mark_prefix), batch_(&batch), records_(batch.body.view()) {
  if (!batch.segments.empty()) begin_ = batch.segments.front().segment.start.offset;
  more_ = advance();
}

bool RedisCalls::advance() {
  if (!records_.next(record_)) return false;
  const auto holds = [&](const BatchSegment& s) {
    return s.file == record_.file && s.segment.start.offset <= record_.offset && record_.offset < s.segment.end.offset;
  };
  while (segment_ < batch_->segments.size() && !holds(batch_->segments[segment_])) {
    ++segment_;
    if (segment_ < batch_->segments.size()) begin_ = batch_->segments[segment_].segment.start.offset;
  }
  if (segment_ == batch_->segments.size())
    throw Error(Fault::bug, "send a batch", batch_->id, "a record is in none of its segments");
  return true;
}

bool RedisCalls::next(Buffer& arguments, std::size_t& count) {
  if (!more_) return false;
  keys_.truncate(0);
  values_.truncate(0);
  std::size_t keys = 1, values = 2, records = 0;
  append_bulk(settings_->stream, keys_);
  append_number(static_cast<std::uint64_t>(settings_->remember.count()), values_);
  append_bulk(settings_->max_length ? std::to_string(settings_->max_length) : "", values_);
  const auto full = [&] {
    return records == most_records ||
           (records > 0 && values_.size() + part_.size() + record_.content.size() > most_bytes);
  };
  while (more_ && !full()) {
    const std::size_t segment = segment_;
    const std::uint64_t begin = begin_, first = records;
    part_.truncate(0);
    do {
      append_number(record_.offset, part_);
      append_number(record_.parts, part_);
      part_.append(record_.content);
      values += 2 + record_.parts;
      ++records;
      more_ = advance();
    } while (more_ && segment_ == segment && !full());
    const bool whole = !more_ || segment_ != segment;
    const BatchSegment& of = batch_->segments[segment];
    const std::uint64_t end = whole ? of.segment.end.offset : record_.offset;
    if (!whole) begin_ = end;
    append_bulk(std::string(mark_prefix_) + to_string(of.file), keys_);
    ++keys;
    append_number(begin, values_);
    append_number(end, values_);
    append_number(records - first, values_);
    values_.append(part_.view());
    part_.truncate(0);
    values += 3;
  }
  arguments.truncate(0);
  append_number(keys, arguments);
  arguments.append(keys_.view());
  arguments.append(values_.view());
  count = 1 + keys + values;
  return true;
}

}  // namespace tandem::shipper
