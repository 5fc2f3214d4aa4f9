#include "pods/network/inside_namespace.hpp"

#include <fcntl.h>
#include <sched.h>

#include <cstdlib>

#include "core/os/check.hpp"
#include "core/os/files.hpp"

namespace tandem::network {

InsideNamespace::InsideNamespace(const std::string& path) : home_(open_file("/proc/thread-self/ns/net", O_RDONLY)) {
  const unique_fd target = open_file(path, O_RDONLY);
  check([&] { return ::setns(target.get(), CLONE_NEWNET); }, "enter network namespace", path, "pod networks need root");
}

InsideNamespace::InsideNamespace(int fd) : home_(open_file("/proc/thread-self/ns/net", O_RDONLY)) {
  check([&] { return ::setns(fd, CLONE_NEWNET); }, "enter", "network namespace", "pod networks need root");
}

InsideNamespace::~InsideNamespace() {
  if (::setns(home_.get(), CLONE_NEWNET) != 0) std::abort();
}

}  // namespace tandem::network
