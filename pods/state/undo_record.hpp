// undo.jsonl: what has to be undone when the pod goes, one JSON object a line. A step's line is on disk before the step
// is taken, so that whatever dies in between, the record holds all that may exist. Running it is
// pods/supervise/recovery.hpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/os/process.hpp"
#include "core/os/unique_fd.hpp"
#include "pods/state/layout.hpp"

namespace tandem::state {

enum class UndoKind {
  mount,           // object: the mount point
  cgroup,          // object: the pod's path below each hierarchy's root; the containers' processes are killed
  namespaces,      // the pins below ns/
  interface,       // object: the veth's end on the host; detail: the firewall table with its guard
  address,         // object: the pod's uid
  host_ports,      // object: the pod's id; detail: the firewall table
  shared_memory,   // the tmpfs behind /dev/shm
  pod_files,       // etc/
  volume,          // object: its name
  container_root,  // object: the container
  directory,       // object: path; removed with all below it
  process,         // process: killed when it is still that one
};

struct UndoStep {
  UndoKind kind = UndoKind::mount;
  std::string object, detail;
  ProcessId process;
  bool operator==(const UndoStep&) const = default;
};

std::string to_json_line(const UndoStep& step);  // with the newline

struct UndoSteps {
  std::vector<UndoStep> steps;      // in the order they were written
  std::vector<std::string> damage;  // a text for each line that cannot be read, or names a kind of a newer program
};

// A last line without its newline was never followed by its step: skipped.
UndoSteps parse_undo(std::string_view text);

// The pod's. Absent: no steps; one that cannot be read at all: none, and that is its damage.
UndoSteps read_undo(const PodPaths& paths);

class UndoRecord {
 public:
  // Damaged lines stay where they are; what is no file that can be read is set aside.
  explicit UndoRecord(const PodPaths& paths);
  // Appends and makes durable (fdatasync). A step that is in the record already is not written again.
  void append(const UndoStep& step);
  // The same for several with one sync.
  void append(const std::vector<UndoStep>& steps);

 private:
  fs::path path_;
  unique_fd file_;
  std::vector<UndoStep> known_;
};

}  // namespace tandem::state
