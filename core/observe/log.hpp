// Logging: one JSON object a line to stderr. {"time":"2026-11-22T10:00:00.123Z","level":"info","message":"...",...}
// POD_NAME, POD_NAMESPACE and CONTAINER (downward API, or plain values) become the fields pod, namespace and container.
// A line is one write(2): lines of several threads do not mix.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace tandem::observe {

enum class Level { debug, info, warning, error };

std::optional<Level> parse_level(std::string_view text);  // "debug", "info", "warning", "error"

struct Value {
  enum class Kind { text, integer, number, boolean } kind = Kind::text;
  std::string_view text;
  std::int64_t integer = 0;
  double number = 0;
  bool boolean = false;

  Value(const char* value) : text(value) {}
  Value(std::string_view value) : text(value) {}
  Value(const std::string& value) : text(value) {}
  template <class T>
  requires std::is_arithmetic_v<T> Value(T value) {
    if constexpr (std::is_same_v<T, bool>) {
      kind = Kind::boolean, boolean = value;
    } else if constexpr (std::is_floating_point_v<T>) {
      kind = Kind::number, number = value;
    } else {
      kind = Kind::integer, integer = static_cast<std::int64_t>(value);
    }
  }
};

// Views: valid during the call only.
struct Field {
  std::string_view key;
  Value value;
};
using Fields = std::initializer_list<Field>;

void log(Level level, std::string_view message, Fields fields = {});
inline void log_debug(std::string_view message, Fields fields = {}) { log(Level::debug, message, fields); }
inline void log_info(std::string_view message, Fields fields = {}) { log(Level::info, message, fields); }
inline void log_warning(std::string_view message, Fields fields = {}) { log(Level::warning, message, fields); }
inline void log_error(std::string_view message, Fields fields = {}) { log(Level::error, message, fields); }

void set_log_level(Level least);  // info at the start; one thread, before the others
void set_log_fd(int fd);          // 2 at the start

// The line without its end, for a time in microseconds since the epoch. Pure. Bytes that are no UTF-8 become U+FFFD,
// and what URLs say of passwords and tokens "***" (mask.hpp).
std::string format_log_line(std::int64_t epoch_us, Level level, std::string_view message, Fields fields,
                            std::string_view common = "");

}  // namespace tandem::observe
