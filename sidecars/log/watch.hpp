// Directories watched with inotify (inotify(7)).
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/os/unique_fd.hpp"

namespace tandem::shipper {

// What a read of the inotify descriptor said.
struct Changes {
  bool rescan = false;               // names appeared, moved or went, or events were lost
  bool everything = false;           // events were lost: every file may have been written to
  std::vector<std::string> written;  // paths, some more than once
  std::vector<std::string> gone;     // files that were made, written and deleted since they were last forgotten
};

class Watch {
 public:
  Watch();

  // Watches exactly these directories. For one that does not exist, its nearest existing ancestor, so that it is
  // noticed when it appears. Returns why some could not be watched ("" when all are): then only polling finds their
  // changes. So it is with all of them where the kernel gives no inotify instance.
  std::string set(const std::vector<std::string>& directories);

  bool works() const { return static_cast<bool>(fd_); }
  int fd() const { return fd_.get(); }  // readable when there are events; non-blocking; only when it works
  // Of files whose path `is_wanted` it is remembered that they are new.
  Changes read(const std::function<bool(const std::string&)>& is_wanted);
  void forget_new(const std::function<bool(const std::string&)>& is_known);

 private:
  void note_new(std::uint32_t mask, const std::string& path, Changes& changes,
                const std::function<bool(const std::string&)>& is_wanted);

  std::map<std::string, bool> new_;  // path -> it was written
  unique_fd fd_;
  std::string problem_;
  std::map<std::string, int> by_path_;
  std::map<int, std::string> by_descriptor_;
};

}  // namespace tandem::shipper
