#include "pods/linux/enter.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "pods/linux/child.hpp"
#include "pods/linux/program.hpp"

namespace tandem::linux_ {
namespace {

constexpr int no_leave = 125;
constexpr const char* name_of_entrance = "tandem-enter";
constexpr int first_word_of_command = 5;  // name, report, born, go, terminal

// The child of the set-up's parent, in the container's pid namespace. The set-up ends; the child waits for leave.
void be_born_inside(const Entrance& entrance) {
  const long pid = check([] { return ::syscall(SYS_clone, CLONE_PARENT, 0, 0, 0, 0); }, "clone into", "the container");
  if (pid > 0) {
    const auto number = static_cast<pid_t>(pid);
    ::_exit(::write(entrance.born, &number, sizeof number) == sizeof number ? 0 : no_leave);
  }
  ::close(entrance.born);
  ::setsid();
  if (entrance.terminal) check([] { return ::ioctl(0, TIOCSCTTY, 0); }, "take", "the controlling terminal");
  char byte = 0;
  if (attempt([&] { return ::read(entrance.go, &byte, 1); }) != 1) ::_exit(no_leave);
  ::close(entrance.go);
}

std::vector<plan::EnvironmentEntry> own_environment() {
  std::vector<plan::EnvironmentEntry> all;
  for (char** entry = environ; *entry; ++entry) {
    const char* equals = std::strchr(*entry, '=');
    if (equals) all.push_back({std::string(static_cast<const char*>(*entry), equals), equals + 1});
  }
  return all;
}

[[noreturn]] void enter(const Entrance& entrance, const std::vector<std::string>& argv,
                        const std::vector<plan::EnvironmentEntry>& environment) {
  for (const int fd : {entrance.report, entrance.born, entrance.go}) ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  be_born_inside(entrance);
  execute_program(argv, environment);
}

__attribute__((constructor)) void enter_if_told_to(int argc, char** argv) {
  if (argc < first_word_of_command || std::strcmp(argv[0], name_of_entrance) != 0) return;
  const Entrance entrance{std::atoi(argv[1]), std::atoi(argv[2]), std::atoi(argv[3]), argv[4][0] == '1'};
  ::_exit(run_reporting(entrance.report, [&] {
    enter(entrance, {argv + first_word_of_command, argv + argc}, own_environment());
  }));
}

}  // namespace

unique_fd open_own_program() { return open_file("/proc/self/exe", O_PATH); }

void enter_anew(const unique_fd& own_program, const Entrance& entrance, const std::vector<std::string>& argv,
                const std::vector<plan::EnvironmentEntry>& environment) {
  std::vector<std::string> words{name_of_entrance, std::to_string(entrance.report), std::to_string(entrance.born),
                                 std::to_string(entrance.go), entrance.terminal ? "1" : "0"};
  words.insert(words.end(), argv.begin(), argv.end());
  std::vector<std::string> variables = variables_of(environment);
  for (const int fd : {entrance.report, entrance.born, entrance.go}) ::fcntl(fd, F_SETFD, 0);
  std::vector<char*> arguments = pointers_to(words), values = pointers_to(variables);
  ::syscall(SYS_execveat, own_program.get(), "", arguments.data(), values.data(), AT_EMPTY_PATH);
  // The image has no loader for a program that is not static, as the sanitizers' are; what is installed is static
  // (scripts/checks/needed).
  if (errno == ENOENT) enter(entrance, argv, environment);
  throw Error::from_errno(
      "exec", argv.empty() ? "" : argv[0], errno,
      errno == E2BIG ? "arguments and environment are too long" : "the seccomp profile has to let execveat(2) through");
}

}  // namespace tandem::linux_
