// Real servers for tests, started on loopback from Debian's packages and stopped by pid.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/os/process.hpp"

namespace tandem::test {

namespace fs = std::filesystem;

// The path of a server program ("redis-server", "nginx", "prometheus", "promtool"): on PATH, or in the folder that
// `tests/support/unpack-servers` filled. Empty when it is in neither.
std::string find_program(const std::string& name);
// The same as the beginning of a command for run_command: a program out of that folder needs the libraries beside it.
std::vector<std::string> command_of(const std::string& name);

// A TCP port of 127.0.0.1 that nobody listens on now; no other test that runs gets it, and no connection takes it.
int free_port();

// Waits for a condition, polling; false when it did not come true within `limit` (generous: machines are shared).
bool wait_until(const std::function<bool()>& condition, std::chrono::milliseconds limit = std::chrono::seconds(60));

// A process of this number that has not ended: one that waits to be reaped is dead.
bool is_running(pid_t pid);

bool can_connect(int port, const std::string& host = "127.0.0.1");

// A directory that is removed at the end of the scope.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const fs::path& path() const { return path_; }
  fs::path operator/(const std::string& name) const { return path_ / name; }

 private:
  fs::path path_;
};

// A child process: killed and reaped at the end of the scope. Its output goes to `log` (both streams, appended).
class Child {
 public:
  Child(const std::vector<std::string>& argv, const fs::path& log,
        const std::map<std::string, std::string>& environment = {});
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  pid_t pid() const { return pid_; }
  void signal(int number);
  bool running();
  // Waits for its end; throws Error when it has not ended within `limit`.
  ExitStatus wait(std::chrono::milliseconds limit = std::chrono::seconds(60));

 private:
  pid_t pid_ = 0;
  unique_fd pidfd_;
  std::optional<ExitStatus> status_;
};

}  // namespace tandem::test
