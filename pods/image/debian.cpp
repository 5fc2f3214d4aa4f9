#include "pods/image/debian.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <sstream>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "core/os/process.hpp"
#include "core/text/words.hpp"
#include "pods/image/digest.hpp"
#include "pods/image/root_path.hpp"
#include "pods/image/unpack.hpp"

namespace tandem::image {

namespace {

constexpr auto planning_limit = std::chrono::minutes(5);
constexpr auto download_limit = std::chrono::minutes(60);
constexpr std::size_t largest_archive = std::size_t{2} << 30;

// Told to apt as installed: what maintainer scripts need, and no program of a package does.
constexpr const char* tooling[] = {
    "adduser", "debconf",  "dpkg",         "init-system-helpers", "iproute2", "libc-bin",     "lsb-base",
    "passwd",  "perl",     "perl-base",    "sysvinit-utils",      "systemd",  "systemd-sysv", "tar",
    "ucf",     "usrmerge", "usr-is-merged"};

std::string status_file(const std::vector<std::string>& packages, bool whole) {
  std::string text;
  if (whole) return text;
  for (const std::string name : tooling) {
    if (std::count(packages.begin(), packages.end(), name)) continue;
    text +=
        "Package: " + name +
        "\nStatus: install ok installed\nMaintainer: none <none@localhost>\nArchitecture: all\nMulti-Arch: foreign\n"
        "Version: 9999\nDescription: stands for what only maintainer scripts need\n" +
        (name == "debconf" ? "Provides: debconf-2.0\n" : "") + "\n";
  }
  return text;
}

std::vector<std::string> apt_command(const fs::path& cache, const fs::path& status) {
  std::vector<std::string> command = {"apt-get", "-qq",
                                      "-y",      "--no-install-recommends",
                                      "-o",      "Dir::State::status=" + status.string(),
                                      "-o",      "Dir::Cache=" + cache.string(),
                                      "-o",      "Dir::Cache::archives=archives",
                                      "-o",      "Debug::NoLocking=1",
                                      "-o",      "APT::Keep-Downloaded-Packages=1",
                                      "-o",      "Acquire::ForceHash=SHA256",
                                      "-o",      "Acquire::Retries=3"};
  // apt's own unprivileged user may not be able to reach our cache; the archives are checked by hash either way.
  if (::geteuid() == 0) command.insert(command.end(), {"-o", "APT::Sandbox::User=root"});
  return command;
}

std::string last_lines(const std::string& text) {
  std::istringstream lines(text);
  std::string result;
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("E: ")) result += (result.empty() ? "" : "; ") + line.substr(3);
  return result.empty() ? "it failed without saying why" : result;
}

std::string run_apt(const std::vector<std::string>& command, std::chrono::milliseconds limit,
                    const std::string& packages, bool downloading) {
  CommandResult result;
  try {
    result = run_command(command, "", limit);
  } catch (const Error& error) {
    throw Error(Fault::environment, "run", "apt-get", error.cause(),
                "--debian needs Debian's apt-get; without it, unpack the files yourself and use --root");
  }
  if (result.status == ExitStatus{}) return result.output;
  const std::string cause = last_lines(result.errors + result.output);
  if (!downloading && (cause.find("Unable to locate") != cause.npos || cause.find("has no installation") != cause.npos))
    throw Error(Fault::input, "find Debian packages", packages, cause,
                "check the name; when the list of packages is old or empty, run: apt-get update");
  throw Error(Fault::environment, downloading ? "download Debian packages" : "choose Debian packages", packages, cause,
              downloading ? "is the network reachable? When the list of packages is old, run: apt-get update"
                          : "when the list of packages is old or empty, run: apt-get update");
}

bool is_complete(const DebianArchive& archive, const fs::path& cache) {
  const fs::path path = cache / "archives" / archive.file;
  std::error_code error;
  if (fs::file_size(path, error) != archive.size_bytes || error) return false;
  return archive.sha256.empty() || sha256_hex(read_file(path, largest_archive)) == archive.sha256;
}

}  // namespace

std::vector<DebianArchive> parse_print_uris(std::string_view text) {
  std::vector<DebianArchive> archives;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    DebianArchive archive;
    std::string size, hash;
    if (!(words >> archive.uri >> archive.file >> size)) continue;
    words >> hash;
    if (archive.uri.size() < 2 || archive.uri.front() != '\'' || archive.uri.back() != '\'') continue;
    if (!archive.file.ends_with(".deb") || archive.file.find('/') != archive.file.npos) continue;
    const auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), archive.size_bytes);
    if (error != std::errc() || end != size.data() + size.size()) continue;
    archive.uri = archive.uri.substr(1, archive.uri.size() - 2);
    archive.package = archive.file.substr(0, archive.file.find('_'));
    if (hash.starts_with("SHA256:")) archive.sha256 = hash.substr(7);
    archives.push_back(std::move(archive));
  }
  return archives;
}

std::vector<DebianArchive> download_packages(const std::vector<std::string>& packages, bool whole,
                                             const fs::path& cache, const Report& report) {
  for (const std::string& name : packages)
    if (name.empty() || name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789+-.:") != name.npos ||
        name[0] == '-')
      throw Error(Fault::input, "find Debian package", "\"" + name + "\"", "it is no package's name");
  make_directories(cache / "archives/partial");
  const unique_fd lock = lock_file(cache / "lock");  // one download at a time; the next one finds what this one brought
  const fs::path status = cache / (whole ? "status-whole" : "status");
  write_file(status, status_file(packages, whole));
  std::vector<std::string> command = apt_command(cache, status);
  const auto finish = [&](std::vector<std::string> options) {
    options.insert(options.begin(), command.begin(), command.end());
    options.push_back("install");
    options.insert(options.end(), packages.begin(), packages.end());
    return options;
  };
  // With a file of the right size in the cache apt prints nothing for it, so the plan is made against an empty one.
  make_directories(cache / "none/partial");
  const std::string plan = run_apt(finish({"-o", "Dir::Cache::archives=none", "--print-uris"}), planning_limit,
                                   joined(packages, " "), false);
  std::vector<DebianArchive> archives = parse_print_uris(plan);
  if (archives.empty())
    throw Error(Fault::environment, "choose Debian packages", joined(packages, " "), "apt-get named no archives",
                "run: apt-get update");
  std::uint64_t missing = 0, missing_bytes = 0;
  for (const DebianArchive& archive : archives)
    if (!is_complete(archive, cache)) {
      remove_tree(cache / "archives" / archive.file);
      ++missing;
      missing_bytes += archive.size_bytes;
    }
  if (missing == 0) return archives;
  report("downloading " + std::to_string(missing) + " of " + std::to_string(archives.size()) + " packages, " +
         std::to_string((missing_bytes + 999'999) / 1'000'000) + " MB");
  run_apt(finish({"--download-only"}), download_limit, joined(packages, " "), true);
  for (const DebianArchive& archive : archives)
    if (!is_complete(archive, cache))
      throw Error(Fault::environment, "download", archive.uri, "what came is not what the list of packages says",
                  "run: apt-get update");
  return archives;
}

bool is_documentation(const std::string& path) {
  static constexpr const char* prefixes[] = {"/usr/share/doc",
                                             "/usr/share/man",
                                             "/usr/share/info",
                                             "/usr/share/locale",
                                             "/usr/share/lintian",
                                             "/usr/share/bug",
                                             "/usr/share/doc-base",
                                             "/usr/share/bash-completion",
                                             "/usr/share/zsh",
                                             "/usr/share/fish",
                                             "/usr/share/vim",
                                             "/usr/share/menu",
                                             "/usr/share/applications",
                                             "/usr/share/apport",
                                             "/usr/share/gdb",
                                             "/etc/init.d",
                                             "/etc/logrotate.d",
                                             "/etc/ufw",
                                             "/etc/cron.d",
                                             "/etc/cron.daily",
                                             "/etc/cron.weekly",
                                             "/etc/cron.monthly",
                                             "/etc/bash_completion.d",
                                             "/etc/apparmor.d",
                                             "/etc/default",
                                             "/lib/systemd",
                                             "/usr/lib/systemd",
                                             "/usr/lib/sysusers.d",
                                             "/usr/lib/tmpfiles.d",
                                             "/lib/udev",
                                             "/usr/lib/udev",
                                             "/usr/share/debconf",
                                             "/usr/share/initramfs-tools",
                                             "/etc/apt",
                                             "/etc/dpkg"};
  return std::any_of(std::begin(prefixes), std::end(prefixes), [&](const std::string& prefix) {
    return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
  });
}

std::map<std::string, std::vector<std::string>> unpack_packages(const std::vector<DebianArchive>& archives,
                                                                const fs::path& cache, const fs::path& root) {
  for (const std::string name : {"bin", "sbin", "lib", "lib64"}) {
    make_directories(root / "usr" / name);
    fs::create_directory_symlink("usr/" + name, root / name);
  }
  UnpackOptions options;
  options.want = [](const std::string& path) { return !is_documentation(path); };
  std::map<std::string, std::vector<std::string>> paths;
  for (const DebianArchive& archive : archives)
    paths[archive.package] = unpack_deb(cache / "archives" / archive.file, root, options);
  return paths;
}

}  // namespace tandem::image
