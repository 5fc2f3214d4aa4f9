#include "sidecars/log/encode/event_encoder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <deque>

#include "sidecars/log/json_text.hpp"
#include "sidecars/log/record/cri_line.hpp"

namespace tandem::shipper {
namespace {

constexpr std::string_view offset_key = "\"offset\":";
constexpr std::size_t offset_digits = 20;

bool contains(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

class EventEncoder final : public Encoder {
 public:
  explicit EventEncoder(EventEncoderOptions options) : options_(std::move(options)) {}

  void start(Buffer& body) override { options_.format->start(body); }
  void finish(Buffer& body) override { options_.format->finish(body); }

  void begin(std::int64_t epoch_ns, const std::string& source, const std::string& path, const FileId& file) override {
    time_ns_ = epoch_ns;
    file_ = file;
    if (source == source_ && path == path_) return;
    source_ = source;
    path_ = path;
    steps_.clear();
    for (auto& step : options_.steps)
      if (step.from.empty() || contains(step.from, source)) steps_.push_back(&step);
    constants_.clear();
    texts_.clear();
    add_constant("source", source);
    spooled_ = contains(options_.spooled_sources, source);
    if (!spooled_) add_constant("file", path);
    PodLogPath where;
    if (contains(options_.container_sources, source)) parse_pod_log_path(path, where);
    add_constant("pod", where.pod.empty() ? options_.origin.pod : where.pod);
    add_constant("namespace", where.name_space.empty() ? options_.origin.pod_namespace : where.name_space);
    add_constant("node", options_.origin.node);
    add_constant("container", where.container);
    place_members();
  }

  bool append(const Line& line, Buffer& body) override {
    event_.clear();
    event_.file = file_;
    event_.time_ns = line.time_ns ? line.time_ns : time_ns_;
    event_.offset = line.offset;
    event_.piece = line.piece;
    event_.fields.insert(event_.fields.end(), constants_.begin(), constants_.end());
    if (!line.stream.empty()) event_.fields.push_back({spooled_ ? "peer" : "stream", line.stream, false, {}});
    event_.fields.push_back(offset_field(line.offset));
    std::string_view text = line.text;
    if (line.terminated && text.ends_with('\r')) text.remove_suffix(1);
    event_.fields.push_back({"message", text, false, {}});
    event_.message = text.data();
    event_.before = line.before;
    event_.behind = line.behind;
    if (!line.whole())
      event_.set("piece",
                 event_.keep(fmt::format(R"({{"id":"{}:{}","number":{},"last":{}}})", to_string(file_), line.line_start,
                                         line.piece, line.last)),
                 true);
    if (line.last && !line.terminated) event_.set("unterminated", "true", true);
    for (const Step* step : steps_) {
      if (step->when && !step->when->holds(event_)) continue;
      if (step->transform->apply(event_)) continue;
      step->dropped();
      return false;
    }
    if (options_.when && !options_.when->holds(event_)) return false;
    options_.format->append(event_, body);
    return true;
  }

 private:
  void add_constant(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    Buffer escaped;
    append_json_text(value, escaped);
    const std::string& text = texts_.emplace_back(value);
    const std::string& member = texts_.emplace_back(fmt::format("\"{}\":\"{}\"", name, escaped.view()));
    constants_.push_back({name, text, false, member});
  }

  // One behind the other with commas between them, that of the offset last: most records have them so, and what lies so
  // is copied as one.
  void place_members() {
    std::size_t bytes = offset_key.size() + offset_digits;
    for (const Field& field : constants_) bytes += field.member.size() + 1;
    members_.resize(bytes);
    char* to = members_.data();
    for (Field& field : constants_) {
      const std::string_view member(to, field.member.copy(to, field.member.size()));
      field.member = member;
      to += member.size();
      *to++ = ',';
    }
    offset_ = to + offset_key.copy(to, offset_key.size());
  }

  Field offset_field(std::uint64_t offset) const {
    const auto end = std::to_chars(offset_, offset_ + offset_digits, offset).ptr;
    const char* const member = offset_ - offset_key.size();
    return {"offset",
            {offset_, static_cast<std::size_t>(end - offset_)},
            true,
            {member, static_cast<std::size_t>(end - member)}};
  }

  EventEncoderOptions options_;
  Event event_;
  std::int64_t time_ns_ = 0;
  FileId file_;
  std::string source_, path_;
  bool spooled_ = false;
  std::vector<const Step*> steps_;
  std::vector<Field> constants_;
  std::deque<std::string> texts_;  // what the constants' views point to
  std::string members_;
  char* offset_ = nullptr;  // its digits
};

}  // namespace

std::unique_ptr<Encoder> make_event_encoder(EventEncoderOptions options) {
  return std::make_unique<EventEncoder>(std::move(options));
}

}  // namespace tandem::shipper
