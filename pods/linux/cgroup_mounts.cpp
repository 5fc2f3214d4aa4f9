// Which cgroup hierarchies are mounted, and where a cgroup lies in those that we use.
#include <algorithm>
#include <sstream>

#include "core/os/files.hpp"
#include "pods/linux/cgroup.hpp"

namespace tandem::linux_ {
namespace {

const char* const v1_controllers[] = {"cpu", "memory", "pids", "freezer"};

// proc(5): blank, tab, newline and backslash are written as three octal digits.
std::string unescape(const std::string& text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto octal = [&](std::size_t at) { return at < text.size() && text[at] >= '0' && text[at] <= '7'; };
    if (text[i] == '\\' && octal(i + 1) && octal(i + 2) && octal(i + 3)) {
      plain += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

const std::string* find(const CgroupMounts& mounts, const std::string& controller) {
  for (const auto& [name, directory] : mounts.v1) {
    if (name == controller) return &directory;
  }
  return nullptr;
}

}  // namespace

CgroupMounts find_cgroup_mounts(const std::string& mountinfo) {
  CgroupMounts mounts;
  for (const std::string& line : split(read_file(mountinfo), '\n')) {
    const std::vector<std::string> fields = split(line, ' ');
    const auto dash = std::find(fields.begin(), fields.end(), "-");
    if (fields.size() < 5 || fields.end() - dash < 4) continue;
    const std::string &type = dash[1], &options = dash[3];
    if (type == "cgroup2" && mounts.v2.empty()) mounts.v2 = unescape(fields[4]);
    if (type != "cgroup") continue;
    for (const std::string& option : split(options, ',')) {
      const bool ours =
          std::find(std::begin(v1_controllers), std::end(v1_controllers), option) != std::end(v1_controllers);
      if (ours && !find(mounts, option)) mounts.v1.emplace_back(option, unescape(fields[4]));
    }
  }
  const bool legacy = find(mounts, "cpu") || find(mounts, "memory") || find(mounts, "pids");
  mounts.unified = !mounts.v2.empty() && !legacy;
  return mounts;
}

std::vector<std::string> cgroup_directories(const CgroupMounts& mounts, const std::string& path) {
  if (mounts.unified) return {mounts.v2 + "/" + path};
  std::vector<std::string> directories;
  for (const char* controller : v1_controllers) {
    const std::string* mount = find(mounts, controller);
    if (!mount) continue;
    const std::string directory = *mount + "/" + path;
    const bool known = std::find(directories.begin(), directories.end(), directory) != directories.end();
    if (!known) directories.push_back(directory);
  }
  return directories;
}

std::string pod_cgroup(const plan::Plan& plan) { return plan.cgroup_parent + "/" + plan.id; }
std::string supervisor_cgroup(const std::string& pod) { return pod + "/supervisor"; }
std::string container_cgroup(const plan::Plan& plan, const std::string& container) {
  return pod_cgroup(plan) + "/pod/" + container;
}

}  // namespace tandem::linux_
