#include "core/observe/log.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <ctime>

#include "core/observe/mask.hpp"
#include "core/observe/utf8.hpp"
#include "core/os/check.hpp"

namespace tandem::observe {

namespace {

std::atomic<Level> least_level{Level::info};
std::atomic<int> log_fd{2};

const char* name_of(Level level) {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warning:
      return "warning";
    case Level::error:
      return "error";
  }
  return "info";
}

void append_text(std::string& out, std::string_view text) {
  out += '"';
  for (std::size_t i = 0; i < text.size();) {
    auto c = static_cast<unsigned char>(text[i]);
    auto length = utf8_length(text, i);
    if (length == 0) {
      out += "\\ufffd";
      length = 1;
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += text[i];
    } else if (c == '\n') {
      out += "\\n";
    } else if (c < 0x20 || c == 0x7f) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", c);
    } else {
      out.append(text.substr(i, length));
    }
    i += length;
  }
  out += '"';
}

// What somebody says: a message, a value.
void append_said(std::string& out, std::string_view text) {
  if (text.find_first_of("@?") == std::string_view::npos) return append_text(out, text);
  append_text(out, mask_credentials(text));
}

void append_value(std::string& out, const Value& value) {
  switch (value.kind) {
    case Value::Kind::text:
      return append_said(out, value.text);
    case Value::Kind::integer:
      out += std::to_string(value.integer);
      return;
    case Value::Kind::boolean:
      out += value.boolean ? "true" : "false";
      return;
    case Value::Kind::number:
      if (std::isfinite(value.number)) {
        fmt::format_to(std::back_inserter(out), "{}", value.number);
      } else {
        out += "null";
      }
  }
}

// What every line carries: ,"pod":"...","namespace":"...","container":"..."
const std::string& common_fields() {
  static const std::string fields = [] {
    static constexpr std::pair<const char*, const char*> names[] = {
        {"POD_NAME", "pod"}, {"POD_NAMESPACE", "namespace"}, {"CONTAINER", "container"}};
    std::string text;
    for (auto [variable, key] : names) {
      const char* value = std::getenv(variable);
      if (!value || !*value) continue;
      text += fmt::format(",\"{}\":", key);
      append_text(text, value);
    }
    return text;
  }();
  return fields;
}

}  // namespace

std::optional<Level> parse_level(std::string_view text) {
  for (auto level : {Level::debug, Level::info, Level::warning, Level::error})
    if (text == name_of(level)) return level;
  return std::nullopt;
}

std::string format_log_line(std::int64_t epoch_us, Level level, std::string_view message, Fields fields,
                            std::string_view common) {
  std::time_t seconds = epoch_us / 1'000'000;
  if (epoch_us % 1'000'000 < 0) --seconds;  // a clock that was never set may be before 1970
  const std::int64_t milliseconds = (epoch_us - seconds * 1'000'000) / 1000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  auto line = fmt::format(
      "{{\"time\":\"{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z\",\"level\":\"{}\",\"message\":", parts.tm_year + 1900,
      parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, milliseconds, name_of(level));
  append_said(line, message);
  line += common;
  for (const auto& field : fields) {
    line += ',';
    append_text(line, field.key);
    line += ':';
    append_value(line, field.value);
  }
  line += '}';
  return line;
}

void log(Level level, std::string_view message, Fields fields) {
  if (level < least_level.load(std::memory_order_relaxed)) return;
  auto now = std::chrono::system_clock::now().time_since_epoch();
  auto line = format_log_line(std::chrono::duration_cast<std::chrono::microseconds>(now).count(), level, message,
                              fields, common_fields());
  line += '\n';
  std::string_view rest = line;
  while (!rest.empty()) {
    auto written = attempt([&] { return ::write(log_fd.load(std::memory_order_relaxed), rest.data(), rest.size()); });
    if (written <= 0) return;  // nowhere left to say so
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

void set_log_level(Level least) { least_level = least; }
void set_log_fd(int fd) { log_fd = fd; }

}  // namespace tandem::observe
