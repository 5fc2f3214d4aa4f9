// Copies one stream of a container from its FIFO to the log: tee(2) leaves the bytes in the FIFO until the log has
// them, so that killing this process at any moment loses nothing, and at most one read's worth is written twice.
#pragma once

#include <memory>
#include <string>

#include "core/os/pipe.hpp"
#include "core/os/unique_fd.hpp"
#include "pods/supervise/event_loop.hpp"
#include "pods/supervise/log_file.hpp"
#include "pods/supervise/time_budget.hpp"

namespace tandem::supervise {

// `stream` is "stdout" or "stderr"; the FIFO is DIRECTORY/stream. While the log cannot be written (a full disk) nothing
// is taken from the FIFO and it is tried again each second: the container's own pipe fills, and then it waits. The same
// while `budget` has nothing left, which all streams of a pod have together: each has its turn, those first that had
// to wait.
class OutputCopy {
 public:
  OutputCopy(EventLoop& loop, const fs::path& directory, std::string stream, std::shared_ptr<LogFile> log,
             TimeBudget& budget);
  ~OutputCopy();
  OutputCopy(const OutputCopy&) = delete;
  OutputCopy& operator=(const OutputCopy&) = delete;

  void drain();  // all that lies in the FIFO now, whatever it takes; the container has ended

 private:
  enum class Step { copied, empty, ended, failed };
  Step copy_once();
  void on_readable();
  void watch();
  void pause();
  void pause_until(EventLoop::Clock::time_point when);

  EventLoop& loop_;
  std::string stream_;
  std::shared_ptr<LogFile> log_;
  TimeBudget& budget_;
  unique_fd fifo_;
  Pipe between_;
  EventLoop::Timer retry_ = 0;
};

}  // namespace tandem::supervise
