#include "pods/image/closure.hpp"

#include <elf.h>
#include <fcntl.h>
#include <unistd.h>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "core/text/words.hpp"
#include "pods/image/root_path.hpp"

namespace tandem::image {

namespace {

constexpr std::size_t most_objects = 4096;
constexpr std::size_t longest_shebang = 256;  // BINPRM_BUF_SIZE

// The program of a "#!" line; empty: not a script.
std::string script_interpreter(const fs::path& file) {
  const unique_fd fd = open_file(file, O_RDONLY);
  char buffer[longest_shebang];
  const ssize_t size = ::pread(fd.get(), buffer, sizeof buffer, 0);
  const std::string_view start(buffer, size > 0 ? size : 0);
  if (!start.starts_with("#!")) return "";
  const std::string_view line = start.substr(2, start.find('\n') == start.npos ? start.npos : start.find('\n') - 2);
  const std::size_t from = line.find_first_not_of(" \t");
  if (from == line.npos) return "";
  const std::size_t to = line.find_first_of(" \t", from);
  return std::string(line.substr(from, to == line.npos ? to : to - from));
}

Elf host_elf() {
  Elf elf;
  elf.is_64_bit = sizeof(void*) == 8;
#if defined(__x86_64__)
  elf.machine = EM_X86_64;
#elif defined(__aarch64__)
  elf.machine = EM_AARCH64;
#elif defined(__riscv)
  elf.machine = EM_RISCV;
#endif
  return elf;
}

}  // namespace

Closure::Closure(fs::path root, Tree& tree) : root_(std::move(root)), tree_(tree), search_(root_) {}

void Closure::add_needs_of(const std::string& path, Scripts scripts) {
  const auto resolved = resolve_in_root(root_, path);
  if (!resolved) throw Error(Fault::input, "read", path, "it is not in " + root_.string());
  const fs::path on_host = host_path(root_, resolved->path);
  if (!fs::is_regular_file(on_host) || !seen_.insert(resolved->path).second) return;
  if (auto elf = read_elf(root_, resolved->path)) {
    add_elf(resolved->path, std::move(*elf), nullptr);
    return;
  }
  const std::string interpreter = script_interpreter(on_host);
  if (interpreter.empty()) return;
  if (!resolve_in_root(root_, interpreter)) {
    if (scripts == Scripts::if_possible) return;
    throw Error(Fault::input, "pack script", path, "its interpreter " + interpreter + " is not in " + root_.string(),
                "add the package that has it, or leave the script out");
  }
  tree_.add_from(root_, interpreter);
  add_needs_of(interpreter, scripts);
}

void Closure::add_library(const std::string& name) {
  const LoadedObject nobody{"", "/", host_elf(), nullptr};
  const auto found = search_.find(name, nobody);
  if (!found)
    throw Error(Fault::input, "pack library", name, "it was not found in " + joined(search_.directories(nobody), ", "),
                "give its full path, or install the package that has it");
  add_found(name, *found, nobody);
}

void Closure::add_elf(const std::string& path, Elf elf, const LoadedObject* loader) {
  if (loaded_.size() >= most_objects) throw Error(Fault::input, "pack", path, "it needs too many libraries");
  loaded_.push_back({path, parent_of(path), std::move(elf), loader});
  const LoadedObject& object = loaded_.back();
  if (!object.elf.interpreter.empty()) {
    if (!resolve_in_root(root_, object.elf.interpreter))
      throw Error(Fault::input, "pack", path, "its loader " + object.elf.interpreter + " is not in " + root_.string(),
                  "install libc6 for this kind of program");
    add_found(object.elf.interpreter, object.elf.interpreter, object);
  }
  for (const std::string& name : object.elf.needed) {
    const auto found = search_.find(name, object);
    if (!found)
      throw Error(Fault::input, "pack", path,
                  name + ", needed by " + path + ", was not found in " + joined(search_.directories(object), ", "),
                  root_ == "/" ? "install the package that has it" : "name the package that has it too");
    add_found(name, *found, object);
  }
}

void Closure::add_found(const std::string& name, const std::string& path, const LoadedObject& needed_by) {
  tree_.add_from(root_, path);
  const bool by_path = name.find('/') != name.npos;
  if (!by_path && !LibrarySearch::is_default_directory(parent_of(path), needed_by.elf.machine)) {
    const auto defaults = LibrarySearch::default_directories(needed_by.elf.machine);
    const std::string link = "/usr" + defaults.front() + "/" + name;
    if (!tree_.has(link)) tree_.add_symlink(link, path);
  }
  const auto resolved = resolve_in_root(root_, path);
  if (!resolved || !seen_.insert(resolved->path).second) return;
  if (auto elf = read_elf(root_, resolved->path)) add_elf(path, std::move(*elf), &needed_by);
}

}  // namespace tandem::image
