// One container's log, read as it grows: through rotation, and from one attempt to the next.
#pragma once

#include <cstdint>
#include <string>

#include "core/os/unique_fd.hpp"
#include "pods/state/cri_log.hpp"
#include "pods/state/layout.hpp"
#include "pods/state/rotated_logs.hpp"

namespace tandem::client {

class LogReader {
 public:
  LogReader(state::PodPaths paths, std::string container, int attempt, state::LogFormat format);

  // Starts at the last `lines` lines of what is there now.
  void skip_to_tail(std::size_t lines);
  // Appends what has come since to `out`; false: nothing has. A file that is not there yet is nothing. Files that were
  // rotated meanwhile come in their order.
  bool read_more(std::string& out);
  // What to say of files that rotation removed before they were read; empty: nothing. Once for each such gap, which
  // lies where `out` ended then.
  std::string take_loss();
  // The next attempt's file, when the container was started again; what is left of the old one must have been read.
  void move_to(int attempt);
  int attempt() const { return attempt_; }

 private:
  state::fs::path path() const { return paths_.log(container_, attempt_); }
  bool open();        // the file that is being written, if none is open
  bool is_written();  // the open file is still that one
  bool open_next();   // the oldest file after the open one; false: there is none

  state::PodPaths paths_;
  std::string container_;
  int attempt_;
  state::LogPrinter printer_;
  unique_fd file_;
  std::uint64_t number_ = 0;   // the open file's (pods/state/rotated_logs.hpp)
  bool complete_ = false;      // nothing is written to it any more
  state::OpenLines cut_;       // with anew_: the streams whose first line has its beginning in no file that is read
  bool anew_ = false;          // the open file does not go on where the last one ended
  std::uint64_t missing_ = 0;  // files since take_loss()
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

}  // namespace tandem::client
