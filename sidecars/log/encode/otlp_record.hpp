// What a record is in OpenTelemetry's terms. Sources: opentelemetry-proto logs/v1, the logs data model (its table of
// severities), the semantic conventions for k8s.*, log.file.*, log.iostream.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sidecars/log/encode/record_format.hpp"
#include "sidecars/log/encode/text_template.hpp"

namespace tandem::shipper {

struct OtlpSettings {
  TextTemplate service;                 // service.name; empty: the pod, else the source
  std::string severity = "level";       // the field that tells it
  std::function<std::int64_t()> clock;  // for observedTimeUnixNano: nanoseconds since the epoch
};

// ExportLogsServiceRequest. Records of one resource that follow each other share a ResourceLogs. No record: an empty
// body.
std::unique_ptr<RecordFormat> make_otlp_json_format(OtlpSettings settings);
std::unique_ptr<RecordFormat> make_otlp_protobuf_format(OtlpSettings settings);

// 1 to 24, 0: not known. Words of OpenTelemetry, of syslog and of usual libraries, whatever their case; numbers as pino
// and bunyan have them (10 to 60).
int severity_number(std::string_view word);

struct OtlpAttribute {
  enum Kind { text, integer, floating, boolean, nothing } kind = text;
  std::string_view name, value;  // text: the bytes, or the JSON of an array or object
  std::int64_t whole = 0;        // of an integer; of a boolean 0 or 1
  double number = 0;             // of a floating
};

OtlpAttribute attribute_of(const Field& field);

// One record, taken apart. Views are into the event.
class OtlpRecord {
 public:
  explicit OtlpRecord(OtlpSettings settings) : settings_(std::move(settings)) {}

  // True: its resource is that of the record before, since start().
  bool take(const Event& event);
  void start();

  struct Named {
    std::string_view name;
    std::string value;
  };
  const std::vector<Named>& resource() const { return resource_; }
  std::uint64_t time_ns = 0, observed_ns = 0;
  int severity = 0;
  std::string_view severity_text;
  const Field* message = nullptr;
  std::string_view trace_id, span_id;  // 32 and 16 hex digits, or empty
  std::vector<OtlpAttribute> attributes;

 private:
  bool take_resource(const Event& event);

  OtlpSettings settings_;
  std::vector<Named> resource_;
  Buffer service_;
  bool first_ = true;
};

}  // namespace tandem::shipper
