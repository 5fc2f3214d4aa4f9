#include "pods/linux/program.hpp"

#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cstring>
#include <sstream>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "core/os/pipe.hpp"
#include "pods/linux/child.hpp"

namespace tandem::linux_ {
namespace {

constexpr const char* default_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

std::string search_path(const std::vector<plan::EnvironmentEntry>& environment) {
  std::string path = default_path;
  for (const plan::EnvironmentEntry& entry : environment) {
    if (entry.name == "PATH") path = entry.value;  // the last one counts
  }
  return path;
}

// Where the program lies; `name` itself when it has a slash. Errors are those of execvp(3).
std::string find_in_path(const std::string& name, const std::string& path) {
  if (name.find('/') != std::string::npos) return name;
  bool forbidden = false;
  std::istringstream directories(path);
  for (std::string directory; std::getline(directories, directory, ':');) {
    const std::string candidate = (directory.empty() ? "." : directory) + "/" + name;
    struct stat status;
    if (::stat(candidate.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
    forbidden = true;
  }
  if (forbidden) throw Error::from_errno("exec", name, EACCES, "a file of that name in PATH is not executable");
  throw Error::from_errno(
      "exec", name, ENOENT,
      "the image has no such program in PATH (" + path + "); name it with its full path, or use another image");
}

std::string hint_for(int error_number, const std::string& program) {
  struct stat status;
  const bool there = ::stat(program.c_str(), &status) == 0;
  if (error_number == ENOENT && !there) return "the image has no such program";
  if (error_number == ENOENT) {
    const std::string interpreter = interpreter_of(program);
    return interpreter.empty() ? "its interpreter is missing" : "the image lacks what runs it: " + interpreter;
  }
  if (error_number == EACCES && there && S_ISDIR(status.st_mode)) return "it is a directory";
  if (error_number == EACCES && there && !(status.st_mode & 0111)) return "it is not executable: chmod +x";
  if (error_number == EACCES) return "the container's user may not execute it";
  if (error_number == ENOEXEC) return "it is no program of this machine's architecture, or a script without #!";
  if (error_number == E2BIG) return "arguments and environment are too long";
  return "";
}

}  // namespace

std::vector<std::string> variables_of(const std::vector<plan::EnvironmentEntry>& environment) {
  std::vector<std::string> variables;
  for (const plan::EnvironmentEntry& entry : environment) variables.push_back(entry.name + "=" + entry.value);
  return variables;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

void take_standard_streams(int in, int out, int errors) {
  // Copies above 2 first: a wanted descriptor may sit on a number that another one needs.
  int copies[3];
  const int wanted[3] = {in, out, errors};
  for (int i = 0; i < 3; ++i) {
    copies[i] = check([&] { return ::fcntl(wanted[i], F_DUPFD_CLOEXEC, 4); }, "duplicate", "a standard stream");
  }
  for (int i = 0; i < 3; ++i) {
    check([&] { return ::dup3(copies[i], i, 0); }, "set up", "a standard stream");
    ::close(copies[i]);
  }
}

unique_fd open_null_in_container() {
  const int fd = attempt([] { return ::open("/dev/null", O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC); });
  unique_fd null(fd < 0 ? -1 : fd);
  struct stat status {};
  if (null && ::fstat(null.get(), &status) == 0 && S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3))
    return null;
  return std::move(make_pipe().read_end);
}

void enter_working_directory(const std::string& path) {
  check([&] { return ::chdir(path.c_str()); }, "enter working directory", path);
  char name[PATH_MAX];
  if (!::getcwd(name, sizeof name) || name[0] != '/') {
    throw Error(Fault::input, "enter working directory", path, "it leads outside of the container");
  }
}

std::string interpreter_of(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return "";
  const unique_fd file(fd);
  char head[256] = {};
  const ssize_t length = ::pread(fd, head, sizeof head - 1, 0);
  if (length > 2 && head[0] == '#' && head[1] == '!') {
    std::istringstream line(head + 2);
    std::string name;
    line >> name;
    return name;
  }
  Elf64_Ehdr header;
  if (length < static_cast<ssize_t>(sizeof header)) return "";
  std::memcpy(&header, head, sizeof header);
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64) return "";
  for (unsigned i = 0; i < header.e_phnum && i < 64; ++i) {
    Elf64_Phdr segment;
    const auto at = static_cast<off_t>(header.e_phoff + std::uint64_t{i} * header.e_phentsize);
    if (::pread(fd, &segment, sizeof segment, at) != static_cast<ssize_t>(sizeof segment)) return "";
    if (segment.p_type != PT_INTERP || segment.p_filesz >= PATH_MAX) continue;
    std::string name(segment.p_filesz, '\0');
    if (::pread(fd, name.data(), name.size(), static_cast<off_t>(segment.p_offset)) !=
        static_cast<ssize_t>(name.size()))
      return "";
    return name.c_str();
  }
  return "";
}

void execute_program(const std::vector<std::string>& argv, const std::vector<plan::EnvironmentEntry>& environment) {
  if (argv.empty() || argv[0].empty()) {
    throw Error(Fault::input, "exec", "", "there is no command", "set command or args: the image names no entry point");
  }
  const std::string program = find_in_path(argv[0], search_path(environment));
  std::vector<std::string> arguments = argv, variables = variables_of(environment);
  const std::vector<char*> argument_pointers = pointers_to(arguments), variable_pointers = pointers_to(variables);
  announce_exec();
  ::execve(program.c_str(), argument_pointers.data(), variable_pointers.data());
  const int error_number = errno;
  throw Error::from_errno("exec", program, error_number, hint_for(error_number, program));
}

}  // namespace tandem::linux_
