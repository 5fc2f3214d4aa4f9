#include "pods/state/layout.hpp"

#include <unistd.h>

#include <cstdint>
#include <cstdlib>

#include "core/os/error.hpp"

namespace tandem::state {
namespace {

// FNV-1a: stable for ever, unlike std::hash, because bridges and tables outlive the program that named them.
std::string tag_of(const std::string& directory) {
  std::uint64_t hash = 14695981039346656037ull;
  for (const unsigned char c : directory) hash = (hash ^ c) * 1099511628211ull;
  static const char digits[] = "0123456789abcdef";
  std::string tag;
  for (int i = 0; i < 6; ++i) tag += digits[(hash >> (60 - 4 * i)) & 15];
  return tag;
}

fs::path clean(const fs::path& path) {
  fs::path result = fs::absolute(path).lexically_normal();
  if (!result.has_filename() && result.has_parent_path()) result = result.parent_path();  // a trailing slash
  return result;
}

fs::path find_libexec(const char* wanted, const fs::path& program) {
  if (wanted && *wanted) return clean(wanted);
  const fs::path beside = program.parent_path();
  const fs::path installed = (beside / "../libexec/tandem").lexically_normal();
  std::error_code ignored;
  return fs::is_directory(installed, ignored) ? installed : beside;
}

}  // namespace

Roots roots_from(const std::function<const char*(const char*)>& environment, unsigned uid, const fs::path& program) {
  const auto value = [&](const char* name) {
    const char* text = environment(name);
    return std::string(text ? text : "");
  };
  Roots roots;
  roots.libexec = find_libexec(environment("TANDEM_LIBEXEC"), program);
  if (const std::string root = value("TANDEM_ROOT"); !root.empty()) {
    const fs::path directory = clean(root);
    roots.run = directory / "run";
    roots.lib = directory / "lib";
    roots.tag = tag_of(directory.string());
    return roots;
  }
  if (uid == 0) {
    roots.run = "/run/tandem";
    roots.lib = "/var/lib/tandem";
    return roots;
  }
  const std::string runtime = value("XDG_RUNTIME_DIR");
  roots.run = fs::path(runtime.empty() ? "/run/user/" + std::to_string(uid) : runtime) / "tandem";
  if (const std::string data = value("XDG_DATA_HOME"); !data.empty()) {
    roots.lib = fs::path(data) / "tandem";
  } else if (const std::string home = value("HOME"); !home.empty()) {
    roots.lib = fs::path(home) / ".local/share/tandem";
  } else {
    throw Error(Fault::environment, "find the data directory", "", "neither XDG_DATA_HOME nor HOME is set",
                "set TANDEM_ROOT to a directory of your own");
  }
  return roots;
}

Roots roots_around(const fs::path& run, const fs::path& program) {
  const std::string root = run.parent_path().string();
  const bool is_default = run == roots_from([](const char*) { return nullptr; }, 0, program).run;
  return roots_from(
      [&](const char* name) { return !is_default && std::string_view(name) == "TANDEM_ROOT" ? root.c_str() : nullptr; },
      0, program);
}

Roots find_roots() {
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
  return roots_from([](const char* name) { return std::getenv(name); }, ::geteuid(), program);
}

}  // namespace tandem::state
