// What keeper.log says of why the guardians do not do their work.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/config/json_text.hpp"
#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "pods/supervise/client.hpp"

namespace tandem::supervise {
namespace {

constexpr off_t most_to_read = 64 * 1024;  // of the log's end

std::string end_of(const fs::path& file) {
  if (!fs::is_regular_file(file)) return "";
  const unique_fd log = open_file(file, O_RDONLY);
  const off_t size = check([&] { return ::lseek(log.get(), 0, SEEK_END); }, "seek", file);
  std::string text(static_cast<std::size_t>(std::min(size, most_to_read)), '\0');
  const auto count = attempt([&] { return ::pread(log.get(), text.data(), text.size(), size - std::ssize(text)); });
  text.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
  return text;
}

std::string text_of(const nlohmann::json& line, const char* key) {
  return line.is_object() && line.contains(key) && line[key].is_string() ? line[key].get<std::string>() : "";
}

}  // namespace

std::optional<KeeperError> last_keeper_error(const state::PodPaths& paths) {
  std::optional<KeeperError> last;
  std::istringstream lines(end_of(paths.keeper_log()));
  for (std::string line; std::getline(lines, line);) {
    const auto json = parse_json(line);
    const std::string message = text_of(json, "message");
    if (message.starts_with("started supervisor") && last) last->is_of_last_start = false;
    if (text_of(json, "level") != "error") continue;
    // What it said itself before it ended tells more.
    if (message.starts_with("the supervisor ended with") && last && last->is_of_last_start) continue;
    last = KeeperError{text_of(json, "time"), message, true};
  }
  return last;
}

}  // namespace tandem::supervise
