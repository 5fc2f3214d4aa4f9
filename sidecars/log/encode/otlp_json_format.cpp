// OTLP's JSON (proto3's JSON mapping, but: enums are numbers, trace and span ids are hexadecimal). 64-bit integers are
// strings.
#include <charconv>

#include "sidecars/log/encode/otlp_record.hpp"
#include "sidecars/log/json_text.hpp"

namespace tandem::shipper {
namespace {

template <class Number>
void append_number(Number number, Buffer& out) {
  char* const at = out.claim(32);
  out.commit(static_cast<std::size_t>(std::to_chars(at, at + 32, number).ptr - at));
}

void append_attribute(const OtlpAttribute& attribute, Buffer& out) {
  out.append("{\"key\":");
  append_json_string(attribute.name, out);
  out.append(",\"value\":{");
  switch (attribute.kind) {
    case OtlpAttribute::text:
      out.append("\"stringValue\":");
      append_json_string(attribute.value, out);
      break;
    case OtlpAttribute::integer:
      out.append("\"intValue\":\"");
      append_number(attribute.whole, out);
      out.append("\"");
      break;
    case OtlpAttribute::floating:
      out.append("\"doubleValue\":");
      append_number(attribute.number, out);
      break;
    case OtlpAttribute::boolean:
      out.append(attribute.whole ? "\"boolValue\":true" : "\"boolValue\":false");
      break;
    case OtlpAttribute::nothing:
      break;
  }
  out.append("}}");
}

class OtlpJson final : public RecordFormat {
 public:
  explicit OtlpJson(OtlpSettings settings) : record_(std::move(settings)) {}

  void start(Buffer&) override {
    record_.start();
    open_ = false;
  }

  void append(const Event& event, Buffer& body) override {
    const bool same = record_.take(event);
    if (open_ && same) {
      body.append(",");
    } else {
      body.append(open_ ? "]}]}," : "{\"resourceLogs\":[");
      append_resource(body);
    }
    open_ = true;
    append_record(body);
  }

  void finish(Buffer& body) override {
    if (open_) body.append("]}]}]}");
    open_ = false;
  }

 private:
  void append_resource(Buffer& body) const {
    body.append("{\"resource\":{\"attributes\":[");
    bool first = true;
    for (const auto& [name, value] : record_.resource()) {
      if (!first) body.append(",");
      first = false;
      OtlpAttribute attribute;
      attribute.name = name;
      attribute.value = value;
      append_attribute(attribute, body);
    }
    body.append("]},\"scopeLogs\":[{\"scope\":{\"name\":\"tandem-log\"},\"logRecords\":[");
  }

  void append_record(Buffer& body) const {
    body.append("{\"timeUnixNano\":\"");
    append_number(record_.time_ns, body);
    body.append("\",\"observedTimeUnixNano\":\"");
    append_number(record_.observed_ns, body);
    body.append("\"");
    if (record_.severity > 0) {
      body.append(",\"severityNumber\":");
      append_number(record_.severity, body);
    }
    if (!record_.severity_text.empty()) {
      body.append(",\"severityText\":");
      append_json_string(record_.severity_text, body);
    }
    if (record_.message) {
      body.append(",\"body\":{\"stringValue\":");
      append_json_string(record_.message->text, body);
      body.append("}");
    }
    body.append(",\"attributes\":[");
    for (std::size_t i = 0; i < record_.attributes.size(); ++i) {
      if (i > 0) body.append(",");
      append_attribute(record_.attributes[i], body);
    }
    body.append("]");
    for (const auto& [key, id] :
         {std::pair{",\"traceId\":", record_.trace_id}, std::pair{",\"spanId\":", record_.span_id}}) {
      if (id.empty()) continue;
      body.append(key);
      append_json_string(id, body);
    }
    body.append("}");
  }

  OtlpRecord record_;
  bool open_ = false;
};

}  // namespace

std::unique_ptr<RecordFormat> make_otlp_json_format(OtlpSettings settings) {
  return std::make_unique<OtlpJson>(std::move(settings));
}

}  // namespace tandem::shipper
