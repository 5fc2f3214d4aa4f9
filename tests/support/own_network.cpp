#include "tests/support/own_network.hpp"

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>

#include <cstring>

#include "core/os/check.hpp"
#include "core/os/unique_fd.hpp"

namespace tandem::test {

void enter_own_network() {
  check([] { return ::unshare(CLONE_NEWNET | CLONE_NEWNS); }, "make namespaces");
  check([] { return ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr); }, "make mounts private");
  // /sys shows the interfaces of the namespace it was mounted in; /proc/sys/net follows the reader by itself.
  const unique_fd socket(check([] { return ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0); }, "make socket"));
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING;
  check([&] { return ::ioctl(socket.get(), SIOCSIFFLAGS, &request); }, "set lo up");
}

}  // namespace tandem::test
