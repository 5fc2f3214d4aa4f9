// Unix socket addresses of any length: sun_path ends at 108 bytes, so a socket is named through its directory's
// descriptor.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <filesystem>

#include "core/os/unique_fd.hpp"

namespace tandem::supervise {

struct UnixAddress {
  explicit UnixAddress(const std::filesystem::path& path);  // throws Error when the directory is not there
  sockaddr_un address{};
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address); }
  static constexpr unsigned size = sizeof(sockaddr_un);

 private:
  unique_fd directory_;
};

}  // namespace tandem::supervise
