#include "tests/support/servers.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <random>
#include <thread>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "core/os/signals.hpp"

namespace tandem::test {

namespace {

sockaddr_in address_of(int port, const std::string& host) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  ::inet_pton(AF_INET, host.c_str(), &address.sin_addr);
  return address;
}

// Where tests/support/unpack-servers put the servers.
std::string unpacked_root() { return TANDEM_SOURCE_DIR "/build/servers/root"; }

// This process's environment with some variables set anew, as NAME=VALUE.
std::vector<std::string> environment_with(const std::map<std::string, std::string>& variables) {
  std::vector<std::string> all;
  for (char** one = environ; *one; ++one) {
    const std::string text = *one;
    if (!variables.contains(text.substr(0, text.find('=')))) all.push_back(text);
  }
  for (const auto& [name, value] : variables) all.push_back(name + "=" + value);
  return all;
}

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const auto& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

std::string libraries_below(const std::string& root) {
  return root + "/usr/lib/x86_64-linux-gnu:" + root + "/lib/x86_64-linux-gnu:" + root + "/usr/lib/syslog-ng";
}

}  // namespace

std::string find_program(const std::string& name) {
  std::vector<fs::path> folders;
  std::string path = std::getenv("PATH") ? std::getenv("PATH") : "";
  for (std::size_t from = 0; from <= path.size();) {
    const std::size_t colon = std::min(path.find(':', from), path.size());
    folders.emplace_back(path.substr(from, colon - from));
    from = colon + 1;
  }
  folders.push_back(fs::path(unpacked_root()) / "usr/sbin");
  folders.push_back(fs::path(unpacked_root()) / "usr/bin");
  for (const auto& folder : folders)
    if (::access((folder / name).c_str(), X_OK) == 0) return folder / name;
  return "";
}

std::vector<std::string> command_of(const std::string& name) {
  const std::string program = find_program(name), servers = unpacked_root();
  if (program.rfind(servers, 0) != 0) return {program};
  return {"/usr/bin/env", "LD_LIBRARY_PATH=" + libraries_below(servers), program};
}

namespace {

// Below the ports that the kernel takes for connections and for those who ask for any port, and with the port + 10000
// of a Redis node below them too.
constexpr int first_port = 10'000, ports = 10'000;

// A mark that only one process of a network namespace has: a name in the abstract namespace of Unix sockets, gone with
// the process. Invalid: another one has it.
unique_fd mark_port(int port) {
  unique_fd mark(check([] { return ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0); }, "make socket"));
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  const std::string text = "tandem-test-port-" + std::to_string(port);
  text.copy(name.sun_path + 1, text.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + text.size());
  if (::bind(mark.get(), reinterpret_cast<const sockaddr*>(&name), size) != 0) mark.reset();
  return mark;
}

bool can_bind(int port) {
  const unique_fd socket(check([] { return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); }, "make socket"));
  const sockaddr_in address = address_of(port, "127.0.0.1");
  return ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

}  // namespace

int free_port() {
  static std::vector<unique_fd> marks;
  static int next = static_cast<int>(std::random_device()() % ports);
  for (int tries = 0; tries < ports; ++tries) {
    const int port = first_port + next++ % ports;
    unique_fd mark = mark_port(port);
    if (!mark || !can_bind(port)) continue;
    marks.push_back(std::move(mark));
    return port;
  }
  throw Error(Fault::environment, "find a free port", "", "none from 10000 to 19999");
}

bool wait_until(const std::function<bool()>& condition, std::chrono::milliseconds limit) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + limit;
  for (;;) {
    const auto asked = Clock::now();
    if (condition()) return true;
    const auto answered = Clock::now();
    if (answered > deadline) return false;
    // A question that costs much, such as a page of metrics, must not take the processor from what is waited for.
    std::this_thread::sleep_for(std::clamp<Clock::duration>(3 * (answered - asked), std::chrono::milliseconds(5),
                                                            std::chrono::milliseconds(200)));
  }
}

bool is_running(pid_t pid) {
  try {
    const auto stat = read_file_if_exists("/proc/" + std::to_string(pid) + "/stat");
    if (!stat) return false;
    const std::size_t state = stat->rfind(')') + 2;
    return state < stat->size() && (*stat)[state] != 'Z' && (*stat)[state] != 'X';
  } catch (const Error&) {
    return false;  // reaped between opening and reading
  }
}

bool can_connect(int port, const std::string& host) {
  const unique_fd socket(check([] { return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); }, "make socket"));
  const sockaddr_in address = address_of(port, host);
  return attempt(
             [&] { return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address); }) == 0;
}

TemporaryDirectory::TemporaryDirectory() {
  std::string pattern = (fs::temp_directory_path() / "tandem-test-XXXXXX").string();
  if (!::mkdtemp(pattern.data())) throw Error::from_errno("make directory", pattern, errno);
  path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

Child::Child(const std::vector<std::string>& argv, const fs::path& log,
             const std::map<std::string, std::string>& environment) {
  const unique_fd output = open_file(log, O_WRONLY | O_CREAT | O_APPEND, 0644);
  // LD_LIBRARY_PATH only for programs out of the unpacked folder: their libraries lie beside them, not in the system.
  const std::string servers = unpacked_root();
  auto variables = environment;
  if (argv.front().rfind(servers, 0) == 0) variables.emplace("LD_LIBRARY_PATH", libraries_below(servers));
  // All made before the child is there: another thread may hold the allocator's lock, and the child would wait for it
  // for ever.
  const auto texts = environment_with(variables);
  const auto arguments = pointers_to(argv), environment_of_child = pointers_to(texts);
  // Signals stay blocked until the child has its own dispositions: the test runner's handler must not run in it.
  sigset_t all, before;
  ::sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, &before);
  Cloned child = clone_process(0);
  if (child.pid != 0) ::sigprocmask(SIG_SETMASK, &before, nullptr);
  if (child.pid == 0) {
    reset_signals();
    ::dup2(output.get(), 1);
    ::dup2(output.get(), 2);
    ::execve(arguments[0], arguments.data(), environment_of_child.data());
    ::_exit(127);
  }
  pid_ = child.pid;
  pidfd_ = std::move(child.pidfd);
}

Child::~Child() {
  if (!running()) return;
  send_signal(pidfd_.get(), SIGKILL);
  try {
    wait();
  } catch (const Error&) {  // it is in the kernel's hands now
  }
}

void Child::signal(int number) { send_signal(pidfd_.get(), number); }

bool Child::running() {
  if (!status_) status_ = reap(pidfd_.get());
  return !status_;
}

ExitStatus Child::wait(std::chrono::milliseconds limit) {
  pollfd ended{pidfd_.get(), POLLIN, 0};
  if (!status_ && attempt([&] { return ::poll(&ended, 1, static_cast<int>(limit.count())); }) <= 0)
    throw Error(Fault::environment, "wait for process", std::to_string(pid_),
                "still running after " + std::to_string(limit.count()) + " ms");
  running();
  return status_.value_or(ExitStatus{255, 0, false});
}

}  // namespace tandem::test
