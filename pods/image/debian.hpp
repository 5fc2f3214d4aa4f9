// Debian packages as a source of files: downloaded by apt-get, never installed, their scripts never run.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tandem::image {

namespace fs = std::filesystem;

// One line of `apt-get --print-uris`.
struct DebianArchive {
  std::string uri, file, package;  // file "redis-server_5%3a7.0.15-1_amd64.deb", package "redis-server"
  std::uint64_t size_bytes = 0;
  std::string sha256;  // hex, may be empty
};
// Lines that are none are passed over.
std::vector<DebianArchive> parse_print_uris(std::string_view text);

using Report = std::function<void(const std::string& line)>;

// The packages and all they depend on, as files in CACHE/archives; what lies there already is not downloaded again. The
// closure does not depend on what the host has installed. Packages that only maintainer scripts need (perl, debconf,
// adduser, ...) are left out unless `whole`, or named. Throws Error{environment} without apt, or without network when
// it is needed; Error{input} for an unknown package.
std::vector<DebianArchive> download_packages(const std::vector<std::string>& packages, bool whole,
                                             const fs::path& cache, const Report& report);

// What a running program never reads: documentation, translations, init scripts, package tools' files.
bool is_documentation(const std::string& path);

// Unpacks the archives into an empty `root` with a merged /usr, documentation left out. Returns each package's paths.
std::map<std::string, std::vector<std::string>> unpack_packages(const std::vector<DebianArchive>& archives,
                                                                const fs::path& cache, const fs::path& root);

}  // namespace tandem::image
