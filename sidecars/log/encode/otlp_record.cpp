#include "sidecars/log/encode/otlp_record.hpp"

#include <strings.h>

#include <algorithm>
#include <charconv>

namespace tandem::shipper {
namespace {

struct Word {
  std::string_view word;
  int number;
};
constexpr Word otlp_severities[] = {
    {"trace", 1},     {"verbose", 1}, {"debug", 5},    {"info", 9},   {"information", 9}, {"informational", 9},
    {"notice", 10},   {"warn", 13},   {"warning", 13}, {"error", 17}, {"err", 17},        {"severe", 17},
    {"critical", 18}, {"crit", 18},   {"alert", 19},   {"fatal", 21}, {"emergency", 21},  {"emerg", 21},
    {"panic", 21},    {"10", 1},      {"20", 5},       {"30", 9},     {"40", 13},         {"50", 17},
    {"60", 21},
};

struct Place {
  std::string_view field, attribute;
};
constexpr Place in_resource[] = {{"pod", "k8s.pod.name"},
                                 {"namespace", "k8s.namespace.name"},
                                 {"node", "k8s.node.name"},
                                 {"container", "k8s.container.name"}};
constexpr Place renamed[] = {{"file", "log.file.path"}, {"offset", "log.file.offset"}, {"stream", "log.iostream"}};

template <std::size_t size>
const Place* find(const Place (&places)[size], std::string_view field) {
  const auto* at = std::find_if(places, places + size, [&](const Place& p) { return p.field == field; });
  return at == places + size ? nullptr : at;
}

bool is_id(const Field& field, std::size_t digits) {
  const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); };
  return !field.literal && field.text.size() == digits && std::all_of(field.text.begin(), field.text.end(), is_hex) &&
         field.text.find_first_not_of('0') != std::string_view::npos;
}

template <class Number>
bool parse(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

int severity_number(std::string_view word) {
  for (const auto& known : otlp_severities)
    if (known.word.size() == word.size() && ::strncasecmp(known.word.data(), word.data(), word.size()) == 0)
      return known.number;
  return 0;
}

OtlpAttribute attribute_of(const Field& field) {
  OtlpAttribute attribute;
  attribute.name = field.name;
  attribute.value = field.text;
  if (!field.literal || field.text.empty()) return attribute;
  const char first = field.text[0];
  if (field.text == "null") {
    attribute.kind = OtlpAttribute::nothing;
  } else if (first == 't' || first == 'f') {
    attribute.kind = OtlpAttribute::boolean;
    attribute.whole = first == 't';
  } else if (first == '-' || (first >= '0' && first <= '9')) {
    if (parse(field.text, attribute.whole)) {
      attribute.kind = OtlpAttribute::integer;
    } else if (parse(field.text, attribute.number)) {
      attribute.kind = OtlpAttribute::floating;
    }
  }
  return attribute;
}

void OtlpRecord::start() {
  first_ = true;
  resource_.clear();
  observed_ns = settings_.clock ? static_cast<std::uint64_t>(settings_.clock()) : 0;
}

bool OtlpRecord::take_resource(const Event& event) {
  service_.truncate(0);
  if (!settings_.service.empty()) static_cast<void>(settings_.service.append(event, service_));
  for (const char* field : {"pod", "source"})
    if (service_.empty()) service_.append(event.text(field));
  if (service_.empty()) service_.append("unknown_service");  // the semantic conventions' word
  std::size_t count = 0;
  bool same = !first_;
  const auto add = [&](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    if (count == resource_.size()) {
      resource_.emplace_back();
      same = false;
    }
    Named& one = resource_[count++];
    if (one.name == name && one.value == value) return;
    same = false;
    one.name = name;
    one.value.assign(value);
  };
  add("service.name", service_.view());
  for (const auto& place : in_resource) add(place.attribute, event.text(place.field));
  same = same && count == resource_.size();
  resource_.resize(count);
  first_ = false;
  return same;
}

bool OtlpRecord::take(const Event& event) {
  time_ns = static_cast<std::uint64_t>(std::max<std::int64_t>(event.time_ns, 0));
  severity = 0;
  severity_text = trace_id = span_id = {};
  message = nullptr;
  attributes.clear();
  for (const auto& field : event.fields) {
    if (field.name == "message") {
      message = &field;
    } else if (field.name == settings_.severity) {
      severity_text = field.text;
      severity = severity_number(field.text);
    } else if (field.name == "trace_id" && is_id(field, 32)) {
      trace_id = field.text;
    } else if (field.name == "span_id" && is_id(field, 16)) {
      span_id = field.text;
    } else if (!find(in_resource, field.name)) {
      attributes.push_back(attribute_of(field));
      if (const Place* const place = find(renamed, field.name)) attributes.back().name = place->attribute;
    }
  }
  return take_resource(event);
}

}  // namespace tandem::shipper
