// One container's log, read as it grows: through rotation, and from one attempt to the next.
#pragma once

#include <string>

#include "core/os/unique_fd.hpp"
#include "pods/state/cri_log.hpp"
#include "pods/state/layout.hpp"

namespace tandem::cli {

class LogReader {
 public:
  LogReader(state::PodPaths paths, std::string container, int attempt, state::LogFormat format);

  // Starts at the last `lines` lines of what is there now.
  void skip_to_tail(std::size_t lines);
  // Appends what has come since to `out`; false: nothing has. A file that is not there yet is nothing.
  bool read_more(std::string& out);
  // The next attempt's file, when the container was started again; what is left of the old one must have been read.
  void move_to(int attempt);
  int attempt() const { return attempt_; }

 private:
  bool open();
  bool rotated() const;

  state::PodPaths paths_;
  std::string container_;
  int attempt_;
  state::LogPrinter printer_;
  unique_fd file_;
};

// Waits until something in the directories of these containers' logs changes, or until `milliseconds` have passed, or
// for a moment where nothing can be watched.
class LogWatch {
 public:
  LogWatch();
  void add(const state::PodPaths& paths, const std::string& container);
  void wait(int milliseconds);

 private:
  unique_fd inotify_;
};

}  // namespace tandem::cli
