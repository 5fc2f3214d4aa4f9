#include "sidecars/log/encode/loki_format.hpp"

#include <algorithm>
#include <charconv>

#include "sidecars/log/json_text.hpp"

namespace tandem::shipper {
namespace {

class LokiRecords final : public RecordFormat {
 public:
  explicit LokiRecords(LokiFormat settings) : settings_(std::move(settings)) {}

  void start(Buffer&) override {
    open_ = false;
    times_.start();
  }

  void append(const Event& event, Buffer& body) override {
    write_labels(event);
    if (!open_) {
      body.append("{\"streams\":[{\"stream\":{");
    } else if (labels_.view() == last_labels_.view()) {
      body.append(",");
    } else {
      body.append("]},{\"stream\":{");
    }
    if (!open_ || labels_.view() != last_labels_.view()) {
      body.append(labels_.view());
      body.append("},\"values\":[");
      std::swap(labels_, last_labels_);
    }
    open_ = true;
    char text[24];
    const auto end = std::to_chars(text, text + sizeof text, times_.time_of(event)).ptr;
    body.append("[\"");
    body.append({text, static_cast<std::size_t>(end - text)});
    body.append("\",\"");
    append_line(event, body);
    body.append("\"");
    append_metadata(event, body);
    body.append("]");
  }

  void finish(Buffer& body) override {
    if (open_) body.append("]}]}");
    open_ = false;
  }

 private:
  void write_labels(const Event& event) {
    labels_.truncate(0);
    for (const auto& [name, value] : settings_.labels) {
      value_.truncate(0);
      static_cast<void>(value.append(event, value_));
      if (value_.empty()) continue;
      labels_.append(labels_.empty() ? "\"" : ",\"");
      labels_.append(name);
      labels_.append("\":");
      append_json_string(value_.view(), labels_);
    }
    if (labels_.empty()) labels_.append("\"job\":\"tandem-log\"");
  }

  void append_line(const Event& event, Buffer& body) {
    const Field* const message = settings_.whole_record ? nullptr : event.find("message");
    if (message) return append_json_text(message->text, body);
    value_.truncate(0);
    append_json_object(event, value_);
    append_json_text(value_.view(), body);
  }

  void append_metadata(const Event& event, Buffer& body) const {
    bool any = false;
    for (const auto& name : settings_.metadata) {
      const Field* const field = event.find(name);
      if (!field) continue;
      body.append(any ? "," : ",{");
      any = true;
      append_json_string(name, body);
      body.append(":");
      append_json_string(field->text, body);
    }
    if (any) body.append("}");
  }

  LokiFormat settings_;
  Buffer labels_, last_labels_, value_;  // kept for their memory
  DistinctTimes times_;
  bool open_ = false;  // a stream is
};

}  // namespace

std::unique_ptr<RecordFormat> make_loki_format(LokiFormat settings) {
  return std::make_unique<LokiRecords>(std::move(settings));
}

bool is_label_name(std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  if (name.empty() || !is_letter(name[0]) || (name.starts_with("__") && name.ends_with("__"))) return false;
  return std::all_of(name.begin(), name.end(), [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

std::int64_t DistinctTimes::time_of(const Event& event) {
  const std::int64_t time = event.time_ns;
  if (time % 1'000 == 0) {
    const std::uint64_t prime = time % 1'000'000 == 0 ? 999'983 : 997;
    return time + static_cast<std::int64_t>((event.file.low % prime + event.offset % prime) % prime);
  }
  count_ = time == before_ && count_ > 0 ? count_ + 1 : 1;
  before_ = time;
  return time + count_ - 1;
}

}  // namespace tandem::shipper
