// Files that hold what a pod, or the machine's pods, have come to, and whatever may stand in their place: a FIFO, a
// directory, a link to a device, a file too large to be read. It is damage, as a text of another shape is.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/os/error.hpp"
#include "pods/state/layout.hpp"

namespace tandem::state {

// For whoever finds that one of a pod's files cannot be read, with the cause of `error`.
Error damaged_file(const fs::path& path, const Error& error);

// Absent: nullopt. One that cannot be read throws Error{environment} that names the file and says that it is damaged.
std::optional<std::string> read_state_file(const fs::path& path);
// The same, but what is damaged is "": for readers to whom a text of another shape is damage. Throws where only the
// permission is missing.
std::optional<std::string> read_damaged_as_empty(const fs::path& path);

// replace_file, also where a directory stands in the way: that is set aside.
void write_state_file(const fs::path& path, std::string_view text, unsigned mode = 0600);
// Under its name with ".damaged" behind it, in place of what was there.
void set_aside(const fs::path& path);

// The file system is full, of bytes or of files.
bool lacks_room(const Error& error);

// Whatever it is, a link to nothing, too. Never throws.
bool is_there(const fs::path& path);

}  // namespace tandem::state
