#include <ctime>

#include <fmt/format.h>

#include "sidecars/log/encode/json_members.hpp"
#include "sidecars/log/encode/record_format.hpp"
#include "sidecars/log/json_text.hpp"

namespace tandem::shipper {
namespace {

constexpr std::string_view time_name = "time";
constexpr std::int64_t second_ns = 1'000'000'000;

// The last time's text: most records follow another one of the same time, or at least of the same second.
struct TimeText {
  std::int64_t epoch_ns = 0, second = INT64_MIN;
  int digits = 0;
  char text[64];
  std::size_t to_second = 0, length = 0;
};

// Whether a comma and `member` are what follows `run` in memory already.
bool goes_on(std::string_view run, std::string_view member) {
  return !member.empty() && member.data() == run.data() + run.size() + 1 && member.data()[-1] == ',';
}

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
  thread_local TimeText last;
  if (epoch_ns == last.epoch_ns && digits == last.digits) return put({last.text, last.length}, to);
  std::int64_t second = epoch_ns / second_ns, rest = epoch_ns % second_ns;
  if (rest < 0) rest += second_ns, --second;
  if (second != last.second) {
    const auto seconds = static_cast<std::time_t>(second);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    last.to_second = fmt::format_to_n(last.text, 32, "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.", parts.tm_year + 1900,
                                      parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec)
                         .size;
    last.second = second;
  }
  char* const fraction = last.text + last.to_second;
  auto number = static_cast<std::uint32_t>(digits == 9 ? rest : rest / 1000);
  for (int i = digits; i-- > 0; number /= 10) fraction[i] = static_cast<char>('0' + number % 10);
  fraction[digits] = 'Z';
  last.epoch_ns = epoch_ns;
  last.digits = digits;
  last.length = last.to_second + static_cast<std::size_t>(digits) + 1;
  return put({last.text, last.length}, to);
}

void append_json_member(const Field& field, Buffer& out) {
  if (!field.member.empty()) return out.append(field.member);
  out.append("\"");
  append_json_text(field.name, out);
  out.append("\":");
  if (field.literal) return out.append(field.text);
  out.append("\"");
  append_json_text(field.text, out);
  out.append("\"");
}

// Members that lie in memory as they are wanted, as those of a JSON line do, are copied as one.
void append_members(const Event& event, const Field* left_out, bool first, Buffer& out) {
  const Field* field = event.fields.data();
  const Field* const end = field + event.fields.size();
  while (field != end) {
    const Field& begin = *field++;
    if (&begin == left_out) continue;
    if (!first) out.append(",");
    first = false;
    if (begin.member.empty()) {
      append_json_member(begin, out);
      continue;
    }
    std::string_view run = begin.member;
    for (; field != end && field != left_out && goes_on(run, field->member); ++field)
      run = {run.data(), run.size() + 1 + field->member.size()};
    out.append(run);
  }
}

void append_json_object(const Event& event, Buffer& out) {
  const Field* time = nullptr;
  for (const Field& field : event.fields)
    if (is_name(field.name, time_name)) time = &field;
  if (time) {
    out.append("{");
    append_json_member(*time, out);
  } else {
    char* const begin = out.claim(64);
    char* to = put("{\"time\":\"", begin);
    to = write_time(event.time_ns, 6, to);
    *to++ = '"';
    out.commit(static_cast<std::size_t>(to - begin));
  }
  append_members(event, time, false, out);
  out.append("}");
}

std::unique_ptr<RecordFormat> make_json_format() { return std::make_unique<JsonFormat>(); }
std::unique_ptr<RecordFormat> make_raw_format() { return std::make_unique<RawFormat>(); }

}  // namespace tandem::shipper
