// The files of Unix sockets in folders that others can write: what is done is done to the socket that was made, and to
// nothing that has taken its name.
#pragma once

#include <optional>
#include <string>

#include "core/os/unique_fd.hpp"

namespace tandem {

// bind(2) of a Unix socket, of any type. A file whose socket is dead (nobody answers) is removed first, and nothing
// else is. `mode`: of the file, from its first moment; nullopt: what the umask leaves. 0, or -errno. One thread at a
// time.
int bind_socket_file(int socket, const std::string& path, std::optional<unsigned> mode);

class SocketFile {
 public:
  SocketFile() = default;
  explicit SocketFile(const std::string& path);  // of a socket that was bound to it just now

  void set_mode(unsigned mode) const;  // throws Error{environment}
  void remove() const;                 // if the name is still its own

 private:
  std::string path_;
  unique_fd file_;  // O_PATH: the number of its inode is not given to another as long as this is open
};

}  // namespace tandem
