#include "sidecars/log/encode/encoder.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstring>
#include <ctime>

#include "sidecars/log/json_text.hpp"

namespace tandem::shipper {
namespace {

std::string member(const char* key, std::string_view value) {
  Buffer text;
  append_json_text(value, text);
  return fmt::format("\"{}\":\"{}\",", key, text.view());
}

constexpr std::size_t short_line_bytes = 4096;
constexpr std::string_view message_key = ",\"message\":\"", record_end = "\"}\n";

void append_decimal(std::uint64_t number, Buffer& out) {
  char* const at = out.claim(20);
  out.commit(static_cast<std::size_t>(std::to_chars(at, at + 20, number).ptr - at));
}

}  // namespace

std::string format_time(std::int64_t epoch_ns) {
  const std::time_t seconds = epoch_ns / 1'000'000'000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, epoch_ns % 1'000'000'000 / 1000);
}

namespace {

class LineEncoder final : public Encoder {
 public:
  LineEncoder(Format format, const Origin& origin);
  void begin(std::int64_t epoch_ns, const std::string& source, const std::string& path, const FileId& file) override;
  bool append(const Line& line, Buffer& out) override;
  bool is_verbatim() const override { return format_ == Format::raw; }

 private:
  void append_short(std::string_view text, std::uint64_t offset, Buffer& out) const;

  Format format_;
  std::string origin_, prefix_;
  FileId file_;
};

LineEncoder::LineEncoder(Format format, const Origin& origin) : format_(format) {
  if (!origin.pod.empty()) origin_ += member("pod", origin.pod);
  if (!origin.pod_namespace.empty()) origin_ += member("namespace", origin.pod_namespace);
  if (!origin.node.empty()) origin_ += member("node", origin.node);
}

void LineEncoder::begin(std::int64_t epoch_ns, const std::string& source, const std::string& path, const FileId& file) {
  file_ = file;
  if (format_ == Format::raw) return;
  prefix_ = "{" + member("time", format_time(epoch_ns)) + member("source", source) + member("file", path) + origin_ +
            "\"offset\":";
}

bool LineEncoder::append(const Line& line, Buffer& out) {
  if (format_ == Format::raw) {
    out.append(line.text);
    if (line.last) out.append("\n");
    return true;
  }
  std::string_view text = line.text;
  if (line.terminated && text.ends_with('\r')) text.remove_suffix(1);
  if (line.whole() && line.terminated && text.size() <= short_line_bytes) {
    append_short(text, line.offset, out);
    return true;
  }
  out.append(prefix_);
  append_decimal(line.offset, out);
  out.append(message_key);
  append_json_text(text, out);
  out.append("\"");
  if (!line.whole()) {
    out.append(fmt::format(",\"piece\":{{\"id\":\"{}:{}\",\"number\":{},\"last\":{}}}", to_string(file_),
                           line.line_start, line.piece, line.last));
  }
  if (line.last && !line.terminated) out.append(",\"unterminated\":true");
  out.append("}\n");
  return true;
}

// What nearly every line is: room is made once, and everything written into it.
void LineEncoder::append_short(std::string_view text, std::uint64_t offset, Buffer& out) const {
  char* const begin =
      out.claim(prefix_.size() + 20 + message_key.size() + json_text_room(text.size()) + record_end.size());
  char* to = begin;
  const auto put = [&](std::string_view piece) {
    std::memcpy(to, piece.data(), piece.size());
    to += piece.size();
  };
  put(prefix_);
  to = std::to_chars(to, to + 20, offset).ptr;
  put(message_key);
  to = write_json_text(text, to);
  put(record_end);
  out.commit(static_cast<std::size_t>(to - begin));
}

}  // namespace

std::unique_ptr<Encoder> make_line_encoder(Format format, const Origin& origin) {
  return std::make_unique<LineEncoder>(format, origin);
}

}  // namespace tandem::shipper
