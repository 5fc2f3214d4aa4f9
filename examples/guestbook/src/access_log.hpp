// The access log: one line per request, rotated by rename: FILE, FILE.1, FILE.2.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

#include "core/net/http_message.hpp"
#include "core/os/unique_fd.hpp"

namespace tandem::guestbook {

// 10.0.0.1 - - [22/Nov/2026:10:00:00 +0000] "GET /entries HTTP/1.1" 200 512 0.004     (Common Log Format and the
// seconds it took)
std::string access_line(const net::Request& request, const net::Response& response,
                        std::chrono::system_clock::time_point now, std::chrono::microseconds took);

class AccessLog {
 public:
  // An empty path writes nothing. Throws Error when the file cannot be opened.
  AccessLog(std::filesystem::path path, std::uint64_t rotate_bytes);

  // A line is one write(2). A full disk loses lines, never requests: what was lost is counted.
  void write(const std::string& line);
  std::uint64_t lines() const { return lines_; }
  std::uint64_t lost() const { return lost_; }

 private:
  void open();
  void rotate();

  std::filesystem::path path_;
  std::uint64_t rotate_bytes_, size_ = 0, lines_ = 0, lost_ = 0;
  unique_fd file_;
};

}  // namespace tandem::guestbook
