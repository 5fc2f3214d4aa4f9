#include "pods/image/library_search.hpp"

#include <elf.h>
#include <fcntl.h>
#include <glob.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <sstream>

#include "core/os/check.hpp"
#include "core/os/files.hpp"

namespace tandem::image {

namespace {

constexpr int deepest_include = 8;
constexpr std::size_t largest_configuration = 1u << 20;

// Debian's multiarch names, which its loader has built in.
const char* triplet(std::uint16_t machine) {
  switch (machine) {
    case EM_X86_64:
      return "x86_64-linux-gnu";
    case EM_AARCH64:
      return "aarch64-linux-gnu";
    case EM_386:
      return "i386-linux-gnu";
    case EM_RISCV:
      return "riscv64-linux-gnu";
    case EM_PPC64:
      return "powerpc64le-linux-gnu";
    case EM_ARM:
      return "arm-linux-gnueabihf";
    default:
      return "";
  }
}

void replace_all(std::string& text, const std::string& what, const std::string& with) {
  for (std::size_t at = text.find(what); at != text.npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

std::string expand(std::string directory, const LoadedObject& object) {
  for (const char* form : {"$ORIGIN", "${ORIGIN}"}) replace_all(directory, form, object.directory);
  for (const char* form : {"$LIB", "${LIB}"})
    replace_all(directory, form, std::string("lib/") + triplet(object.elf.machine));
  for (const char* form : {"$PLATFORM", "${PLATFORM}"})
    replace_all(directory, form, object.elf.machine == EM_X86_64 ? "x86_64" : "");
  return normal_path(directory);
}

void append(std::vector<std::string>& all, const std::vector<std::string>& directories, const LoadedObject& object) {
  for (const std::string& directory : directories) all.push_back(expand(directory, object));
}

}  // namespace

std::optional<Elf> read_elf(const fs::path& root, const std::string& path) {
  const auto resolved = resolve_in_root(root, path);
  if (!resolved) return std::nullopt;
  const fs::path on_host = host_path(root, resolved->path);
  const unique_fd file = open_file(on_host, O_RDONLY);
  struct stat status {};
  check([&] { return ::fstat(file.get(), &status); }, "stat", on_host.string());
  if (!S_ISREG(status.st_mode) || status.st_size < SELFMAG) return std::nullopt;
  const std::size_t size = static_cast<std::size_t>(status.st_size);
  void* mapping = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (mapping == MAP_FAILED) throw Error::from_errno("map", on_host.string(), errno);
  struct Unmap {
    void* address;
    std::size_t size;
    ~Unmap() { ::munmap(address, size); }
  } const unmap{mapping, size};
  const std::string_view bytes(static_cast<const char*>(mapping), size);
  if (!looks_like_elf(bytes)) return std::nullopt;
  return parse_elf(bytes, on_host.string());
}

LibrarySearch::LibrarySearch(fs::path root) : root_(std::move(root)) {
  // A root made of a few packages has the fragments, but not the file that includes them.
  if (resolve_in_root(root_, "/etc/ld.so.conf"))
    read_configuration("/etc/ld.so.conf", 0);
  else
    include("/etc/ld.so.conf.d/*.conf", 0);
}

// ldconfig(8): a directory a line, "include GLOB", # comments.
void LibrarySearch::read_configuration(const std::string& path, int depth) {
  const auto resolved = resolve_in_root(root_, path);
  if (!resolved || depth > deepest_include) return;
  std::istringstream lines(read_file(host_path(root_, resolved->path), largest_configuration));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string word, pattern;
    if (!(words >> word)) continue;
    if (word == "include") {
      while (words >> pattern) include((fs::path(path).parent_path() / pattern).string(), depth + 1);
    } else if (word.starts_with('/')) {
      configured_.push_back(normal_path(word));
    }
  }
}

void LibrarySearch::include(const std::string& pattern, int depth) {
  glob_t found{};
  const std::string host_pattern = host_path(root_, pattern).string();
  if (::glob(host_pattern.c_str(), 0, nullptr, &found) == 0) {
    const std::size_t skip = root_ == "/" ? 0 : root_.string().size();
    for (std::size_t i = 0; i < found.gl_pathc; ++i)
      read_configuration(std::string(found.gl_pathv[i]).substr(skip), depth);
  }
  ::globfree(&found);
}

std::vector<std::string> LibrarySearch::default_directories(std::uint16_t machine) {
  std::vector<std::string> directories;
  if (const std::string name = triplet(machine); !name.empty()) directories = {"/lib/" + name, "/usr/lib/" + name};
  directories.insert(directories.end(), {"/lib", "/usr/lib"});
  if (machine == EM_X86_64 || machine == EM_PPC64) directories.insert(directories.end(), {"/lib64", "/usr/lib64"});
  return directories;
}

bool LibrarySearch::is_default_directory(const std::string& directory, std::uint16_t machine) {
  const auto all = default_directories(machine);
  return std::find(all.begin(), all.end(), directory) != all.end();
}

std::vector<std::string> LibrarySearch::directories(const LoadedObject& needed_by) const {
  std::vector<std::string> all;
  if (needed_by.elf.runpath.empty()) {
    for (const LoadedObject* object = &needed_by; object; object = object->loader)
      if (object->elf.runpath.empty()) append(all, object->elf.rpath, *object);
  } else {
    append(all, needed_by.elf.runpath, needed_by);
  }
  all.insert(all.end(), configured_.begin(), configured_.end());
  for (const std::string& directory : default_directories(needed_by.elf.machine)) all.push_back(directory);
  std::vector<std::string> unique;
  for (std::string& directory : all)
    if (std::find(unique.begin(), unique.end(), directory) == unique.end()) unique.push_back(std::move(directory));
  return unique;
}

std::optional<std::string> LibrarySearch::find(const std::string& name, const LoadedObject& needed_by) const {
  const auto fits = [&](const std::string& path) {
    const auto resolved = resolve_in_root(root_, path);
    if (!resolved || !fs::is_regular_file(host_path(root_, resolved->path))) return false;
    const auto elf = read_elf(root_, resolved->path);
    return elf && elf->machine == needed_by.elf.machine && elf->is_64_bit == needed_by.elf.is_64_bit;
  };
  if (name.find('/') != name.npos) {
    const std::string path = normal_path(name);
    return name.front() == '/' && fits(path) ? std::optional(path) : std::nullopt;
  }
  for (const std::string& directory : directories(needed_by))
    if (const std::string path = normal_path(directory + "/" + name); fits(path)) return path;
  return std::nullopt;
}

}  // namespace tandem::image
