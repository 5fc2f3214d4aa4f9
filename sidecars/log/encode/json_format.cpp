#include <ctime>

#include <fmt/format.h>

#include "sidecars/log/encode/json_members.hpp"
#include "sidecars/log/encode/record_format.hpp"
#include "sidecars/log/json_text.hpp"

namespace tandem::shipper {
namespace {

constexpr std::size_t short_record_bytes =
    4096;  // more than that goes in blocks, so that room is not six times as much
constexpr std::string_view time_name = "time";
constexpr std::int64_t second_ns = 1'000'000'000;

char* put(std::string_view text, char* to) { return to + text.copy(to, text.size()); }

// The last second's text: most records follow another one of the same second.
struct SecondText {
  std::int64_t second = INT64_MIN;
  char text[32];
  std::size_t length = 0;
};

class JsonFormat final : public RecordFormat {
 public:
  void append(const Event& event, Buffer& body) override {
    append_json_object(event, body);
    body.append("\n");
  }
};

class RawFormat final : public RecordFormat {
 public:
  void append(const Event& event, Buffer& body) override {
    body.append(event.text("message"));
    body.append("\n");
  }
};

}  // namespace

char* write_time(std::int64_t epoch_ns, int digits, char* to) {
  thread_local SecondText last;
  std::int64_t second = epoch_ns / second_ns, rest = epoch_ns % second_ns;
  if (rest < 0) rest += second_ns, --second;
  if (second != last.second) {
    const auto seconds = static_cast<std::time_t>(second);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    last.length =
        fmt::format_to_n(last.text, sizeof last.text, "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.", parts.tm_year + 1900,
                         parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec)
            .size;
    last.second = second;
  }
  to = put({last.text, last.length}, to);
  auto number = static_cast<std::uint32_t>(digits == 9 ? rest : rest / 1000);
  for (int i = digits; i-- > 0; number /= 10) to[i] = static_cast<char>('0' + number % 10);
  to += digits;
  *to++ = 'Z';
  return to;
}

std::size_t member_room(const Field& field) {
  if (!field.member.empty()) return field.member.size() + 1;
  const std::size_t value = field.literal ? field.text.size() : json_text_room(field.text.size());
  return json_text_room(field.name.size()) + value + 6;
}

char* write_member(const Field& field, char* to) {
  if (!field.member.empty()) return put(field.member, to);
  *to++ = '"';
  to = write_json_text(field.name, to);
  *to++ = '"';
  *to++ = ':';
  if (field.literal) return put(field.text, to);
  *to++ = '"';
  to = write_json_text(field.text, to);
  *to++ = '"';
  return to;
}

void append_json_member(const Field& field, Buffer& out) {
  if (!field.member.empty()) return out.append(field.member);
  if (field.name.size() + field.text.size() <= short_record_bytes) {
    char* const begin = out.claim(member_room(field));
    return out.commit(static_cast<std::size_t>(write_member(field, begin) - begin));
  }
  out.append("\"");
  append_json_text(field.name, out);
  out.append("\":");
  if (field.literal) return out.append(field.text);
  out.append("\"");
  append_json_text(field.text, out);
  out.append("\"");
}

void append_members(const Event& event, std::string_view left_out, bool first, Buffer& out) {
  std::size_t room = 0, bytes = 0;
  for (const auto& field : event.fields) {
    room += member_room(field);
    bytes += field.name.size() + field.text.size() + field.member.size();
  }
  if (bytes <= short_record_bytes) {
    char* const begin = out.claim(room);
    char* to = begin;
    for (const auto& field : event.fields) {
      if (!left_out.empty() && field.name == left_out) continue;
      if (!first) *to++ = ',';
      first = false;
      to = write_member(field, to);
    }
    return out.commit(static_cast<std::size_t>(to - begin));
  }
  for (const auto& field : event.fields) {
    if (!left_out.empty() && field.name == left_out) continue;
    if (!first) out.append(",");
    first = false;
    append_json_member(field, out);
  }
}

void append_json_object(const Event& event, Buffer& out) {
  if (const Field* const time = event.find(time_name)) {
    out.append("{");
    append_json_member(*time, out);
  } else {
    char* const begin = out.claim(64);
    char* to = put("{\"time\":\"", begin);
    to = write_time(event.time_ns, 6, to);
    *to++ = '"';
    out.commit(static_cast<std::size_t>(to - begin));
  }
  append_members(event, time_name, false, out);
  out.append("}");
}

std::unique_ptr<RecordFormat> make_json_format() { return std::make_unique<JsonFormat>(); }
std::unique_ptr<RecordFormat> make_raw_format() { return std::make_unique<RawFormat>(); }

}  // namespace tandem::shipper
