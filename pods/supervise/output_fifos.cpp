#include "pods/supervise/output_fifos.hpp"

#include <sys/stat.h>

#include <string>

#include "core/os/check.hpp"

namespace tandem::supervise {

void make_fifos(const std::filesystem::path& directory) {
  for (const char* stream : {"stdout", "stderr"}) {
    const std::string path = directory / stream;
    const int result = attempt([&] { return ::mkfifo(path.c_str(), 0600); });
    if (result < 0 && result != -EEXIST) throw Error::from_errno("make FIFO", path, -result);
  }
}

}  // namespace tandem::supervise
