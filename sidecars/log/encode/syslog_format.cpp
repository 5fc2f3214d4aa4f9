#include "sidecars/log/encode/syslog_format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <ctime>

#include "core/observe/utf8.hpp"

namespace tandem::shipper {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD", bom = "\xEF\xBB\xBF";

void append_digits(std::uint64_t number, Buffer& out) {
  char* const at = out.claim(20);
  out.commit(static_cast<std::size_t>(std::to_chars(at, at + 20, number).ptr - at));
}

// A header field: printable ASCII without spaces, not longer than `most`; "-" of nothing.
void append_name(std::string_view text, std::size_t most, Buffer& out) {
  text = text.substr(0, most);
  if (text.empty()) text = "-";
  char* const to = out.claim(text.size());
  std::transform(text.begin(), text.end(), to, [](char c) { return c > ' ' && c < 0x7f ? c : '_'; });
  out.commit(text.size());
}

// Valid UTF-8 of any bytes; `needs_escape` are those that get a backslash.
template <class NeedsEscape>
void append_utf8(std::string_view text, Buffer& out, NeedsEscape needs_escape) {
  std::size_t copied = 0;
  const auto copy_to = [&](std::size_t end) {
    out.append(text.substr(copied, end - copied));
    copied = end;
  };
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte < 0x80) {
      if (needs_escape(text[at])) {
        copy_to(at);
        out.append("\\");
      }
      ++at;
      continue;
    }
    const std::size_t length = observe::utf8_length(text, at);
    if (length > 0) {
      at += length;
      continue;
    }
    copy_to(at);
    out.append(replacement);
    copied = ++at;
  }
  copy_to(text.size());
}

class SyslogRecords final : public RecordFormat {
 public:
  explicit SyslogRecords(SyslogFormat settings) : settings_(std::move(settings)) {}

  void append(const Event& event, Buffer& body) override {
    message_.truncate(0);
    write_message(event);
    if (settings_.framing == SyslogFormat::Framing::octet_counting) {
      append_digits(message_.size(), body);
      body.append(" ");
      body.append(message_.view());
      return;
    }
    std::string_view rest = message_.view();
    for (std::size_t at; (at = rest.find('\n')) != std::string_view::npos; rest.remove_prefix(at + 1)) {
      body.append(rest.substr(0, at));
      body.append("#012");
    }
    body.append(rest);
    body.append("\n");
  }

 private:
  void write_message(const Event& event) {
    const bool old = settings_.version == SyslogFormat::Version::rfc3164;
    message_.append("<");
    const auto severity = parse_severity(event.text(settings_.severity));
    append_digits(static_cast<std::uint64_t>(settings_.facility * 8 + severity.value_or(6)), message_);
    message_.append(old ? ">" : ">1 ");
    if (old)
      append_old_time(event.time_ns);
    else
      append_time(event.time_ns);
    message_.append(" ");
    const Field* const host = choose(event, settings_.host_name, "pod", "node");
    append_name(host ? host->text : settings_.machine, 255, message_);
    message_.append(" ");
    const Field* const app = choose(event, settings_.app_name, "container", "source");
    if (old) {
      append_tag(event, app);
    } else {
      append_name(app ? app->text : "", 48, message_);
      message_.append(" ");
      append_name(text_of(event, settings_.proc_id), 128, message_);
      message_.append(" ");
      append_name(text_of(event, settings_.msg_id), 32, message_);
      message_.append(" ");
      append_structured_data(event, host, app);
    }
    append_text(event, old);
  }

  static const Field* choose(const Event& event, const std::string& configured, const char* usual,
                             const char* otherwise) {
    if (!configured.empty())
      if (const Field* const found = event.find(configured); found && !found->text.empty()) return found;
    if (const Field* const found = event.find(usual); found && !found->text.empty()) return found;
    const Field* const found = event.find(otherwise);
    return found && !found->text.empty() ? found : nullptr;
  }
  static std::string_view text_of(const Event& event, const std::string& name) {
    return name.empty() ? std::string_view() : event.text(name);
  }

  // RFC 5424, section 6.2.3: with microseconds, in UTC. The seconds are written once for all records of a second.
  void append_time(std::int64_t time_ns) {
    const std::int64_t second = (time_ns - (time_ns < 0 ? 999'999'999 : 0)) / 1'000'000'000;
    if (second != second_ || time_.empty()) {
      time_ = format_time(second * 1'000'000'000).substr(0, 20);  // "2026-11-22T10:00:00."
      second_ = second;
    }
    message_.append(time_);
    auto micros = static_cast<unsigned>((time_ns - second * 1'000'000'000) / 1000);
    char* const to = message_.claim(7);
    for (int i = 5; i >= 0; --i, micros /= 10) to[i] = static_cast<char>('0' + micros % 10);
    to[6] = 'Z';
    message_.commit(7);
  }

  // RFC 3164, section 4.1.2: local time without a zone, "Nov  2 10:00:00".
  void append_old_time(std::int64_t time_ns) {
    const std::int64_t second = (time_ns - (time_ns < 0 ? 999'999'999 : 0)) / 1'000'000'000;
    if (second != second_ || time_.empty()) {
      const std::time_t seconds = second;
      std::tm parts{};
      ::localtime_r(&seconds, &parts);
      constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
      time_ = fmt::format("{} {:2} {:02}:{:02}:{:02}", months[parts.tm_mon], parts.tm_mday, parts.tm_hour, parts.tm_min,
                          parts.tm_sec);
      second_ = second;
    }
    message_.append(time_);
  }

  // RFC 3164, section 4.1.3: TAG[PID]: ends at the first byte that is no letter or digit; receivers take up to the
  // colon or bracket.
  void append_tag(const Event& event, const Field* app) {
    const std::size_t begin = message_.size();
    append_name(app ? app->text : "", 32, message_);
    const std::string tag(message_.view().substr(begin));
    message_.truncate(begin);
    for (const char c : tag) message_.append({c == ':' || c == '[' || c == ']' ? "_" : &c, 1});
    if (const auto process = text_of(event, settings_.proc_id); !process.empty()) {
      message_.append("[");
      append_name(process, 128, message_);
      message_.append("]");
    }
    message_.append(":");
  }

  // RFC 5424, section 6.3: all fields but those that have a place of their own, in their order.
  void append_structured_data(const Event& event, const Field* host, const Field* app) {
    bool open = false;
    for (const Field& field : event.fields) {
      if (settings_.structured_data.empty()) break;
      if (&field == host || &field == app || field.name == "message" || field.name.empty() ||
          is_same(field, settings_.proc_id) || is_same(field, settings_.msg_id))
        continue;
      if (!open) {
        message_.append("[");
        message_.append(settings_.structured_data);
      }
      open = true;
      message_.append(" ");
      append_param_name(field.name);
      message_.append("=\"");
      append_utf8(field.text, message_, [](char c) { return c == '"' || c == '\\' || c == ']'; });
      message_.append("\"");
    }
    message_.append(open ? "]" : "-");
  }
  static bool is_same(const Field& field, const std::string& name) { return !name.empty() && field.name == name; }

  void append_param_name(std::string_view name) {
    name = name.substr(0, 32);
    char* const to = message_.claim(name.size());
    std::transform(name.begin(), name.end(), to,
                   [](char c) { return c > ' ' && c < 0x7f && c != '=' && c != ']' && c != '"' ? c : '_'; });
    message_.commit(name.size());
  }

  void append_text(const Event& event, bool old) {
    const Field* const text = event.find("message");
    if (text && text->text.empty()) return;
    message_.append(" ");
    if (settings_.bom && !old) message_.append(bom);
    if (!text)
      append_json_object(event, message_);
    else if (settings_.bom && !old)
      append_utf8(text->text, message_, [](char) { return false; });
    else
      message_.append(text->text);
  }

  SyslogFormat settings_;
  Buffer message_;
  std::string time_;
  std::int64_t second_ = 0;
};

}  // namespace

std::unique_ptr<RecordFormat> make_syslog_format(SyslogFormat settings) {
  return std::make_unique<SyslogRecords>(std::move(settings));
}

}  // namespace tandem::shipper
