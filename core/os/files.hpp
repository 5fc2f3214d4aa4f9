// Whole files and directories. Every function throws Error{environment} naming the path unless it says otherwise.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/os/unique_fd.hpp"

namespace tandem {

namespace fs = std::filesystem;

unique_fd open_file(const fs::path& path, int flags, unsigned mode = 0600);  // adds O_CLOEXEC
// A regular file (the kernel's below /proc and /sys are). What else stands in its place is an error, never waited for.
std::string read_file(const fs::path& path, std::size_t limit_bytes = 64u << 20);
std::optional<std::string> read_file_if_exists(const fs::path& path, std::size_t limit_bytes = 64u << 20);
// A file that a config or its owner names, for a program that must not be held up: as read_file, but says what stands
// in its place, and follows links only as open_guarded() (core/os/beneath.hpp) does.
std::string read_given_file(const fs::path& path, std::size_t limit_bytes = 64u << 20);
unique_fd open_given_file(const fs::path& path, int flags, unsigned mode = 0600);  // adds O_CLOEXEC | O_NONBLOCK
// What a person named: also a FIFO, whose writer is waited for, or a device.
std::string read_to_end(const fs::path& path, std::size_t limit_bytes = 64u << 20);

void write_all(int fd, std::string_view bytes, const std::string& object);
void write_file(const fs::path& path, std::string_view bytes, unsigned mode = 0644);  // create or truncate; exact mode

// Temp file in the same directory + rename: a reader sees the old or the new content, never half of it.
// `durable` adds fsync of the file and its directory.
void replace_file(const fs::path& path, std::string_view bytes, unsigned mode = 0600, bool durable = false);

// Closes every descriptor of this process but these. Throws nothing: for a child that is on its way.
void close_all_but(std::vector<int> kept);

void make_directories(const fs::path& path, unsigned mode = 0755);  // existing ones keep their mode
// Absent is fine. With few descriptors at any depth, also past PATH_MAX. Follows no symlink below `path`, and what is
// mounted there is an error, not removed.
void remove_tree(const fs::path& path);
std::vector<std::string> list_directory(const fs::path& path);       // names, sorted; absent gives {}
std::vector<std::string> list_subdirectories(const fs::path& path);  // the same, directories only

// An advisory lock (flock) held as long as the descriptor is open; a dead holder frees it.
unique_fd lock_file(const fs::path& path);  // waits
// The same for what is held for moments: after `limit` an Error that names who holds it, and whether it is stopped.
unique_fd lock_soon(const fs::path& path, std::chrono::milliseconds limit = std::chrono::seconds(20));
unique_fd lock_directory_soon(const fs::path& path, std::chrono::milliseconds limit = std::chrono::seconds(20));
std::optional<unique_fd> try_lock_file(const fs::path& path);  // nullopt when another holds it
bool is_locked(const fs::path& path);                          // absent file: false

}  // namespace tandem
