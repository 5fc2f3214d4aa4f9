// Whether the main containers have ended, told from the files that they wrote: for `exit: with-main`.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "sidecars/log/tailer.hpp"

namespace tandem::shipper {

// What can be seen of all pipelines at one moment.
struct PodSight {
  std::uint64_t activity = 0;  // any number that changes when something is written or shipped
  bool settled = false;        // all is shipped, but for last lines without a newline
  WriterSurvey writers;
};

// They have ended when a file had a writer or has bytes, and for `quiet` nobody has any of the files open for writing,
// nothing was written and all was shipped. Where the kernel does not tell who writes, they never have.
class MainEnd {
 public:
  explicit MainEnd(std::chrono::nanoseconds quiet) : quiet_(quiet) {}

  bool has_come(const PodSight& sight, Time now);
  // Once: the file for which the kernel does not tell, when it is all that is waited for. Empty: nothing to say.
  std::string take_doubt();

  std::chrono::nanoseconds look_every() const;

 private:
  std::chrono::nanoseconds quiet_;
  std::uint64_t activity_ = 0;
  Time quiet_since_{};
  bool looked_ = false, begun_ = false, doubt_told_ = false;
  std::string doubt_;
};

}  // namespace tandem::shipper
