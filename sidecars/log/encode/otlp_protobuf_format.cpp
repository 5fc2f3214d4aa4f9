// OTLP's protocol buffers. The numbers are those of opentelemetry-proto: collector/logs/v1/logs_service.proto,
// logs/v1/logs.proto, common/v1/common.proto, resource/v1/resource.proto.
#include "sidecars/log/encode/otlp_record.hpp"
#include "sidecars/log/encode/protobuf.hpp"
#include "sidecars/log/encode/protobuf_text.hpp"

namespace tandem::shipper {
namespace {

namespace request {
constexpr std::uint32_t resource_logs = 1;
}
namespace resource_logs {
constexpr std::uint32_t resource = 1, scope_logs = 2;
}
namespace resource {
constexpr std::uint32_t attributes = 1;
}
namespace scope_logs {
constexpr std::uint32_t scope = 1, log_records = 2;
}
namespace scope {
constexpr std::uint32_t name = 1;
}
namespace log_record {
constexpr std::uint32_t time = 1, severity_number = 2, severity_text = 3, body = 5, attributes = 6, trace_id = 9,
                        span_id = 10, observed_time = 11;
}
namespace key_value {
constexpr std::uint32_t key = 1, value = 2;
}
namespace any_value {
constexpr std::uint32_t string = 1, boolean = 2, integer = 3, floating = 4;
}

int digit(char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; }

class OtlpProtobuf final : public RecordFormat {
 public:
  explicit OtlpProtobuf(OtlpSettings settings) : record_(std::move(settings)) {}

  void start(Buffer&) override {
    record_.start();
    open_ = false;
  }

  void append(const Event& event, Buffer& body) override {
    ProtobufWriter out(body);
    const bool same = record_.take(event);
    if (!open_ || !same) {
      close(out);
      logs_ = out.open(request::resource_logs);
      append_resource(out);
      scope_ = out.open(resource_logs::scope_logs);
      const auto sender = out.open(scope_logs::scope);
      out.bytes(scope::name, "tandem-log");
      out.close(sender);
      open_ = true;
    }
    const auto record = out.open(scope_logs::log_records);
    append_record(out);
    out.close(record);
  }

  void finish(Buffer& body) override {
    ProtobufWriter out(body);
    close(out);
  }

 private:
  void close(ProtobufWriter& out) {
    if (!open_) return;
    out.close(scope_);
    out.close(logs_);
    open_ = false;
  }

  void append_resource(ProtobufWriter& out) {
    const auto opened = out.open(resource_logs::resource);
    for (const auto& [name, value] : record_.resource()) {
      OtlpAttribute attribute;
      attribute.name = name;
      attribute.value = value;
      append_attribute(resource::attributes, attribute, out);
    }
    out.close(opened);
  }

  void append_record(ProtobufWriter& out) {
    out.fixed64(log_record::time, record_.time_ns);
    if (record_.severity > 0) out.number(log_record::severity_number, static_cast<std::uint64_t>(record_.severity));
    if (!record_.severity_text.empty())
      out.bytes(log_record::severity_text, valid_utf8(record_.severity_text, value_memory_));
    if (record_.message) {
      const auto text = valid_utf8(record_.message->text, value_memory_);
      out.header(log_record::body, 1 + varint_size(text.size()) + text.size());
      out.bytes(any_value::string, text);
    }
    for (const auto& attribute : record_.attributes) append_attribute(log_record::attributes, attribute, out);
    append_id(log_record::trace_id, record_.trace_id, out);
    append_id(log_record::span_id, record_.span_id, out);
    out.fixed64(log_record::observed_time, record_.observed_ns);
  }

  void append_attribute(std::uint32_t field, const OtlpAttribute& attribute, ProtobufWriter& out) {
    const auto name = valid_utf8(attribute.name, name_memory_);
    const bool is_text = attribute.kind == OtlpAttribute::text;
    const auto text = is_text ? valid_utf8(attribute.value, value_memory_) : std::string_view();
    const auto whole = static_cast<std::uint64_t>(attribute.whole);
    // All tags are one byte.
    const std::size_t value = is_text                                     ? 1 + varint_size(text.size()) + text.size()
                              : attribute.kind == OtlpAttribute::floating ? 9
                              : attribute.kind == OtlpAttribute::nothing  ? 0
                                                                          : 1 + varint_size(whole);
    out.header(field, 1 + varint_size(name.size()) + name.size() + 1 + varint_size(value) + value);
    out.bytes(key_value::key, name);
    out.header(key_value::value, value);
    if (is_text) out.bytes(any_value::string, text);
    if (attribute.kind == OtlpAttribute::integer) out.number(any_value::integer, whole);
    if (attribute.kind == OtlpAttribute::floating) out.floating(any_value::floating, attribute.number);
    if (attribute.kind == OtlpAttribute::boolean) out.number(any_value::boolean, whole);
  }

  static void append_id(std::uint32_t field, std::string_view hex, ProtobufWriter& out) {
    if (hex.empty()) return;
    char bytes[16];
    for (std::size_t i = 0; i < hex.size() / 2; ++i)
      bytes[i] = static_cast<char>(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
    out.bytes(field, {bytes, hex.size() / 2});
  }

  OtlpRecord record_;
  Buffer name_memory_, value_memory_;
  std::size_t logs_ = 0, scope_ = 0;  // where they were opened
  bool open_ = false;
};

}  // namespace

std::unique_ptr<RecordFormat> make_otlp_protobuf_format(OtlpSettings settings) {
  return std::make_unique<OtlpProtobuf>(std::move(settings));
}

}  // namespace tandem::shipper
