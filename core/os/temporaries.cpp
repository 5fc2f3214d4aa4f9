#include "core/os/temporaries.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/os/error.hpp"
#include "core/os/files.hpp"

namespace tandem {
namespace {

// ".NAME.XXXXXX"
bool is_temporary(const std::string& name) {
  const std::size_t dot = name.rfind('.');
  return name.starts_with('.') && dot >= 2 && dot + 7 == name.size();
}

}  // namespace

void remove_temporaries(const std::filesystem::path& directory) {
  try {
    for (const std::string& name : list_directory(directory)) {
      const fs::path path = directory / name;
      struct stat status {};
      if (is_temporary(name) && ::lstat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode)) ::unlink(path.c_str());
    }
  } catch (const Error&) {  // they take some room, no more
  }
}

}  // namespace tandem
