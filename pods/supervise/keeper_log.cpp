#include "pods/supervise/keeper_log.hpp"

#include <unistd.h>

#include <nlohmann/json.hpp>

#include "pods/state/time.hpp"

namespace tandem::supervise {

void log(Level level, const std::string& message) {
  static const char* const names[] = {"info", "warning", "error"};
  const nlohmann::ordered_json json{{"time", state::rfc3339_nano(std::chrono::system_clock::now())},
                                    {"level", names[static_cast<int>(level)]},
                                    {"pid", ::getpid()},
                                    {"message", message}};
  const std::string line = json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  // A log that cannot be written is not worth a pod.
  [[maybe_unused]] const ssize_t written = ::write(2, line.data(), line.size());
}

}  // namespace tandem::supervise
