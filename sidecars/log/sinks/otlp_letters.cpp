#include "sidecars/log/encode/json_members.hpp"
#include "sidecars/log/encode/protobuf.hpp"
#include "sidecars/log/json_text.hpp"
#include "sidecars/log/sinks/otlp_answer.hpp"

#include <fmt/format.h>

#include <bit>
#include <cmath>

namespace tandem::shipper {
namespace {

void append_text(std::string_view text, Buffer& out) {
  out.append("\"");
  append_json_text(text, out);
  out.append("\"");
}

// AnyValue, of the kinds that we write.
void append_value(std::string_view message, Buffer& out) {
  ProtobufReader reader(message);
  const auto value = reader.next();
  if (!value) return out.append("null");
  const double number = std::bit_cast<double>(value->value);
  if (value->number == 1 && value->wire == Wire::bytes) return append_text(value->bytes, out);
  if (value->number == 2) return out.append(value->value ? "true" : "false");
  if (value->number == 3) return out.append(std::to_string(static_cast<std::int64_t>(value->value)));
  if (value->number == 4 && std::isfinite(number)) return out.append(fmt::format("{}", number));
  out.append("null");
}

// KeyValue as `"key":value,`.
void append_attribute(std::string_view message, Buffer& out) {
  std::string_view key, value;
  ProtobufReader reader(message);
  for (auto field = reader.next(); field; field = reader.next()) {
    if (field->number == 1) key = field->bytes;
    if (field->number == 2) value = field->bytes;
  }
  append_text(key, out);
  out.append(":");
  append_value(value, out);
  out.append(",");
}

bool append_record(std::string_view message, std::string_view resource, Buffer& out) {
  std::uint64_t time = 0;
  std::string_view level, body;
  Buffer attributes;
  ProtobufReader reader(message);
  for (auto field = reader.next(); field; field = reader.next()) {
    if (field->number == 1) time = field->value;
    if (field->number == 3) level = field->bytes;
    if (field->number == 5) body = field->bytes;
    if (field->number == 6) append_attribute(field->bytes, attributes);
  }
  char text[40];
  out.append("{\"time\":\"");
  out.append({text, static_cast<std::size_t>(write_time(static_cast<std::int64_t>(time), 9, text) - text)});
  out.append("\",");
  out.append(resource);
  out.append(attributes.view());
  if (!level.empty()) {
    out.append("\"level\":");
    append_text(level, out);
    out.append(",");
  }
  out.append("\"message\":");
  append_value(body, out);
  out.append("}");
  return !reader.failed();
}

}  // namespace

bool decode_otlp(std::string_view request, const std::string& reason, std::vector<Refused>& out) {
  bool good = true;
  Buffer resource, record;
  ProtobufReader all(request);
  for (auto logs = all.next(); logs; logs = all.next()) {
    resource.truncate(0);
    ProtobufReader parts(logs->bytes);
    for (auto part = parts.next(); part; part = parts.next()) {
      ProtobufReader inner(part->bytes);  // Resource with its attributes, or ScopeLogs with its records
      for (auto one = inner.next(); one; one = inner.next()) {
        if (part->number == 1 && one->number == 1) append_attribute(one->bytes, resource);
        if (part->number != 2 || one->number != 2) continue;
        record.truncate(0);
        good = append_record(one->bytes, resource.view(), record) && good;
        out.emplace_back(std::string(record.view()), true, reason);
      }
      good = good && !inner.failed();
    }
    good = good && !parts.failed();
  }
  return good && !all.failed();
}

}  // namespace tandem::shipper
