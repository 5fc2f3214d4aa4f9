#include "sidecars/log/encode/kafka_format.hpp"

#include "sidecars/log/encode/placed_records.hpp"

namespace tandem::shipper {
namespace {

class KafkaRecords final : public RecordFormat {
 public:
  explicit KafkaRecords(KafkaFormat settings) : settings_(std::move(settings)) {}

  void append(const Event& event, Buffer& body) override {
    const std::size_t opened = open_record(event, key_of(event), body);
    if (settings_.format == Format::json) {
      append_json_object(event, body);
    } else {
      body.append(event.text("message"));
    }
    close_record(opened, 0, body);
  }

 private:
  std::string_view key_of(const Event& event) {
    if (settings_.key == KafkaFormat::Key::none) return {};
    if (settings_.key == KafkaFormat::Key::field) return event.text(settings_.field);
    if (event.file != file_) {
      file_ = event.file;
      id_ = to_string(file_);
    }
    return id_;
  }

  KafkaFormat settings_;
  FileId file_;
  std::string id_;
};

}  // namespace

std::unique_ptr<RecordFormat> make_kafka_format(KafkaFormat settings) {
  return std::make_unique<KafkaRecords>(std::move(settings));
}

}  // namespace tandem::shipper
