#include "examples/guestbook/src/access_log.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ctime>

#include "core/os/check.hpp"
#include "core/os/error.hpp"
#include "core/os/files.hpp"

namespace tandem::guestbook {

namespace {

constexpr int kept = 2;

// Nothing a client sends may end the line or the quotes early.
std::string escaped(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\' || byte < 0x20 || byte == 0x7f) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\x%02X", byte);
      safe += escape;
    } else {
      safe += c;
    }
  }
  return safe;
}

std::string address_of(const net::Request& request) {
  if (const std::string* real = request.headers.find("X-Real-IP"); real && request.peer_is_local) return escaped(*real);
  const std::size_t colon = request.peer.rfind(':');
  return colon == std::string::npos ? request.peer : request.peer.substr(0, colon);
}

}  // namespace

std::string access_line(const net::Request& request, const net::Response& response,
                        std::chrono::system_clock::time_point now, std::chrono::microseconds took) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char time[40], tail[64];
  std::strftime(time, sizeof time, "%d/%b/%Y:%H:%M:%S +0000", &parts);
  std::snprintf(tail, sizeof tail, "%d %zu %.6f", response.status, response.body.size(),
                static_cast<double>(took.count()) / 1e6);
  return address_of(request) + " - - [" + time + "] \"" + escaped(request.method) + " " + escaped(request.target) +
         " HTTP/1.1\" " + tail + "\n";
}

AccessLog::AccessLog(std::filesystem::path path, std::uint64_t rotate_bytes)
    : path_(std::move(path)), rotate_bytes_(rotate_bytes) {
  if (!path_.empty()) open();
}

void AccessLog::open() {
  file_ = open_file(path_, O_WRONLY | O_CREAT | O_APPEND, 0644);
  struct stat status {};
  check([&] { return ::fstat(file_.get(), &status); }, "stat", path_.string());
  size_ = static_cast<std::uint64_t>(status.st_size);
}

void AccessLog::rotate() {
  for (int i = kept; i >= 1; --i) {
    const std::string from = path_.string() + (i == 1 ? "" : "." + std::to_string(i - 1));
    const std::string to = path_.string() + "." + std::to_string(i);
    if (::rename(from.c_str(), to.c_str()) != 0 && errno != ENOENT) return;  // go on in the old file
  }
  try {
    open();
  } catch (const Error&) {
    file_.reset();
  }
}

void AccessLog::write(const std::string& line) {
  if (path_.empty()) return;
  if (size_ > 0 && size_ + line.size() > rotate_bytes_) rotate();
  const ssize_t written = file_ ? attempt([&] { return ::write(file_.get(), line.data(), line.size()); }) : -1;
  if (written != static_cast<ssize_t>(line.size())) {
    ++lost_;
    return;
  }
  ++lines_;
  size_ += line.size();
}

}  // namespace tandem::guestbook
