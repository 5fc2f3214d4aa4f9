#include "pods/supervise/unix_address.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <cstring>
#include <string>

#include "core/os/error.hpp"
#include "core/os/files.hpp"

namespace tandem::supervise {

UnixAddress::UnixAddress(const std::filesystem::path& path)
    : directory_(open_file(path.parent_path(), O_PATH | O_DIRECTORY)) {
  address.sun_family = AF_UNIX;
  const std::string name = "/proc/self/fd/" + std::to_string(directory_.get()) + "/" + path.filename().string();
  if (name.size() >= sizeof address.sun_path) throw Error(Fault::bug, "name socket", name, "too long");
  std::memcpy(address.sun_path, name.c_str(), name.size() + 1);
}

}  // namespace tandem::supervise
