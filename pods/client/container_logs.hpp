// The logs of a pod's containers, one after the other, and on as they grow.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "pods/client/follow_log.hpp"
#include "pods/client/notes.hpp"
#include "pods/client/running_pod.hpp"

namespace tandem::client {

// Takes what containers wrote. False: nobody reads it any more.
using LogOutput = std::function<bool(std::string_view)>;

struct LogsWanted {
  std::vector<std::string> containers;
  bool follow = false;      // until the run of each container that is there now has ended
  bool previous = false;    // the run before that
  bool timestamps = false;  // before each line
  bool prefix = false;      // pod and container, before each line
  std::int64_t tail = -1;   // only the last lines; below 0: all
};

// Returns when there is no more, or when nobody reads. Says where rotation was faster than we. Throws Error for a
// container without such a run.
void write_logs(const RunningPod& pod, const LogsWanted& wanted, const LogOutput& out, const Notes& say);

// The output of every container of some pods, from the first run through all restarts.
class PodsOutput {
 public:
  PodsOutput(std::vector<RunningPod> pods, LogOutput out, Notes say);
  PodsOutput(const PodsOutput&) = delete;
  PodsOutput& operator=(const PodsOutput&) = delete;

  void wait();   // until there may be more, but not long
  void write();  // what has come since
  const std::vector<RunningPod>& pods() const { return pods_; }

 private:
  struct Reading {
    const RunningPod* pod;
    std::string container;
    LogReader reader;
  };
  std::vector<RunningPod> pods_;
  LogOutput out_;
  Notes say_;
  std::vector<Reading> readings_;
  LogWatch watch_;
};

}  // namespace tandem::client
