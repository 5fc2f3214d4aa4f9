#include "core/os/unique_fd.hpp"

#include <unistd.h>

namespace tandem {

void unique_fd::reset(int fd) {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

}  // namespace tandem
