#include "pods/supervise/keeper_log.hpp"

#include <unistd.h>

#include <nlohmann/json.hpp>

#include "core/config/json_text.hpp"
#include "pods/state/time.hpp"

namespace tandem::supervise {

void log(Level level, const std::string& message) {
  static const char* const names[] = {"info", "warning", "error"};
  const nlohmann::ordered_json json{{"time", state::rfc3339_nano(std::chrono::system_clock::now())},
                                    {"level", names[static_cast<int>(level)]},
                                    {"pid", ::getpid()},
                                    {"message", message}};
  const std::string line = json_text(json, NotUtf8::replace) + "\n";
  // A log that cannot be written is not worth a pod.
  [[maybe_unused]] const ssize_t written = ::write(2, line.data(), line.size());
}

}  // namespace tandem::supervise
