// A command in a container that runs, for probes and hooks: its output is kept up to 10 KiB, it is killed at its
// timeout with all its session, in a frozen container too, and the answer comes when it is gone.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/os/unique_fd.hpp"
#include "pods/linux/container.hpp"
#include "pods/supervise/event_loop.hpp"

namespace tandem::supervise {

inline constexpr std::size_t kept_output_bytes = 10 * 1024;

class CommandRun {
 public:
  using Done = std::function<void(bool ok, std::string output)>;

  // `executing`, in the container of `cgroup`, writes to `output`'s other end. A timeout of zero: none. `done` runs
  // once, from the loop; it may destroy this.
  CommandRun(EventLoop& loop, linux_::Executing executing, std::string cgroup, unique_fd output,
             std::chrono::milliseconds timeout, Done done);
  ~CommandRun();
  CommandRun(const CommandRun&) = delete;
  CommandRun& operator=(const CommandRun&) = delete;

 private:
  void on_output();
  void watch_start();
  void on_start();
  void on_timeout();
  void on_exit();
  void end(bool ok);  // destroys this
  void kill();

  EventLoop& loop_;
  std::optional<linux_::Executing> executing_;  // until it runs
  std::optional<linux_::Started> started_;
  int start_descriptor_ = -1;  // of executing_, watched
  std::string cgroup_;
  unique_fd output_fd_;
  Done done_;
  std::string output_;
  EventLoop::Timer timer_ = 0;
  bool timed_out_ = false;
};

}  // namespace tandem::supervise
