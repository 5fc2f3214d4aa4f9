#include "core/os/socket_file.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "core/os/check.hpp"

namespace tandem {

namespace {

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), std::min(path.size(), sizeof(address.sun_path) - 1));
  return address;
}

int connect_by(int socket, const std::string& path) {
  const sockaddr_un address = address_of(path);
  return ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

std::string proc_path(const unique_fd& file) { return "/proc/self/fd/" + std::to_string(file.get()); }

bool is_at(const unique_fd& file, const std::string& path) {
  struct stat its {
  }, there{};
  return ::fstat(file.get(), &its) == 0 && ::lstat(path.c_str(), &there) == 0 && its.st_dev == there.st_dev &&
         its.st_ino == there.st_ino;
}

// Empty: there is none, or something else.
unique_fd find_socket(const std::string& path) {
  unique_fd file(::open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  struct stat status {};
  if (file && (::fstat(file.get(), &status) != 0 || !S_ISSOCK(status.st_mode))) file.reset();
  return file;
}

// A socket's file outlives a killed server.
void remove_dead(const std::string& path, int type) {
  const unique_fd file = find_socket(path);
  if (!file) return;
  const unique_fd probe(::socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (connect_by(probe.get(), proc_path(file)) != 0 && errno == ECONNREFUSED && is_at(file, path))
    ::unlink(path.c_str());
}

}  // namespace

int bind_socket_file(int socket, const std::string& path, std::optional<unsigned> mode) {
  int type = SOCK_STREAM;
  socklen_t length = sizeof type;
  ::getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &length);
  remove_dead(path, type);
  const sockaddr_un address = address_of(path);
  const mode_t before = mode ? ::umask(0777 & ~*mode) : 0;
  const int result =
      attempt([&] { return ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address); });
  if (mode) ::umask(before);
  return result;
}

SocketFile::SocketFile(const std::string& path) : path_(path), file_(find_socket(path)) {}

void SocketFile::set_mode(unsigned mode) const {
  if (file_) check([&] { return ::chmod(proc_path(file_).c_str(), mode); }, "set the permissions of", path_);
}

void SocketFile::remove() const {
  if (file_ && is_at(file_, path_)) ::unlink(path_.c_str());
}

}  // namespace tandem
