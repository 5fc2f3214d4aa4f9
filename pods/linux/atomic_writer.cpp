#include "pods/linux/atomic_writer.hpp"

#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <set>

#include "core/os/check.hpp"
#include "core/os/files.hpp"

namespace tandem::linux_ {
namespace {

const char* const current = "..data";

void require_inside(const fs::path& path) {
  bool inside = !path.empty() && path.is_relative() && path.has_filename();
  for (const fs::path& part : path) inside = inside && part != ".." && part != ".";
  // Names that begin with two dots are the layout's own.
  inside = inside && !path.begin()->string().starts_with("..");
  if (!inside) throw Error(Fault::input, "write volume file", path, "it must be a relative path without \"..\"");
}

std::string read_link(const fs::path& link) {
  std::error_code none;
  return fs::read_symlink(link, none).string();
}

unsigned mode_of(const plan::VolumeFile& file, bool for_group) { return for_group ? file.mode | 0440 : file.mode; }

bool shows_already(const fs::path& data, const std::vector<plan::VolumeFile>& files,
                   std::optional<std::uint32_t> group) {
  std::error_code error;
  if (!fs::is_directory(data, error)) return false;
  std::size_t there = 0;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(data)) there += entry.is_directory() ? 0 : 1;
  if (there != files.size()) return false;
  for (const plan::VolumeFile& file : files) {
    struct stat status;
    if (::lstat((data / file.path).c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return false;
    if ((status.st_mode & 07777) != mode_of(file, group.has_value())) return false;
    if (group && status.st_gid != *group) return false;
    if (static_cast<std::uint64_t>(status.st_size) != file.content.size()) return false;
    if (read_file(data / file.path) != file.content) return false;
  }
  return true;
}

std::string new_data_name() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  tm utc{};
  ::gmtime_r(&now.tv_sec, &utc);
  char text[64], full[80];
  ::strftime(text, sizeof text, "..%Y_%m_%d_%H_%M_%S", &utc);
  std::snprintf(full, sizeof full, "%s.%09ld", text, now.tv_nsec);
  return full;
}

void write_set(const fs::path& data, const std::vector<plan::VolumeFile>& files, std::optional<std::uint32_t> group) {
  make_directories(data, 0755);
  check([&] { return ::chmod(data.c_str(), 0755); }, "chmod", data);
  for (const plan::VolumeFile& file : files) {
    const fs::path path = data / file.path;
    make_directories(path.parent_path(), 0755);
    write_file(path, file.content, mode_of(file, group.has_value()));
    if (!group) continue;
    check([&] { return ::chown(path.c_str(), static_cast<uid_t>(-1), *group); }, "chown", path);
    check([&] { return ::chmod(path.c_str(), mode_of(file, true)); }, "chmod", path);  // chown drops setuid and setgid
  }
}

void replace_link(const fs::path& link, const std::string& target) {
  const fs::path fresh = link.string() + "_tmp";
  remove_tree(fresh);
  check([&] { return ::symlink(target.c_str(), fresh.c_str()); }, "create link", fresh);
  check([&] { return ::rename(fresh.c_str(), link.c_str()); }, "rename", link);
}

}  // namespace

void write_atomically(const fs::path& directory, const std::vector<plan::VolumeFile>& files,
                      std::optional<std::uint32_t> group) {
  for (const plan::VolumeFile& file : files) require_inside(file.path);
  const std::string before = read_link(directory / current);
  std::set<std::string> wanted;  // the first part of each path is what the volume shows
  for (const plan::VolumeFile& file : files) wanted.insert(*fs::path(file.path).begin());

  std::string data = before;
  if (before.empty() || !shows_already(directory / before, files, group)) {
    data = new_data_name();
    write_set(directory / data, files, group);
    replace_link(directory / current, data);
  }
  for (const std::string& name : wanted) {
    const std::string target = std::string(current) + "/" + name;
    if (read_link(directory / name) != target) replace_link(directory / name, target);
  }
  for (const std::string& name : list_directory(directory)) {
    if (name != current && name != data && !wanted.contains(name)) remove_tree(directory / name);
  }
}

}  // namespace tandem::linux_
