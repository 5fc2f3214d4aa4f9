#include "pods/state/state_file.hpp"

#include <cerrno>
#include <cstdio>

#include "core/os/check.hpp"
#include "core/os/files.hpp"

namespace tandem::state {

Error damaged_file(const fs::path& path, const Error& error) {
  return Error(Fault::environment, "read", path.string(), "it is damaged: " + error.cause(),
               "the pod can be deleted all the same");
}

std::optional<std::string> read_state_file(const fs::path& path) {
  try {
    return read_file_if_exists(path);
  } catch (const Error& error) {
    throw damaged_file(path, error);
  }
}

std::optional<std::string> read_damaged_as_empty(const fs::path& path) {
  try {
    return read_file_if_exists(path);
  } catch (const Error& error) {
    if (error.error_number() == EACCES) throw;
    return "";
  }
}

void write_state_file(const fs::path& path, std::string_view text, unsigned mode) {
  try {
    replace_file(path, text, mode);
  } catch (const Error& error) {
    if (error.error_number() != EISDIR) throw;
    set_aside(path);
    replace_file(path, text, mode);
  }
}

void set_aside(const fs::path& path) {
  const std::string aside = path.string() + ".damaged";
  remove_tree(aside);
  check([&] { return ::rename(path.c_str(), aside.c_str()); }, "set aside", path);
}

bool lacks_room(const Error& error) { return error.error_number() == ENOSPC || error.error_number() == EDQUOT; }

bool is_there(const fs::path& path) {
  std::error_code none;
  return fs::exists(fs::symlink_status(path, none));
}

}  // namespace tandem::state
