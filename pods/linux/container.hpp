// Starting one container of a pod with our own runtime, and running a command in one that runs.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/os/process.hpp"
#include "core/os/unique_fd.hpp"
#include "pods/plan/plan.hpp"
#include "pods/state/layout.hpp"

namespace tandem::linux_ {

class Child;

struct Started {
  ProcessId process;  // the container's first process, seen from the host
  unique_fd pidfd;
};

// Starts `container` in the pod's namespaces (PodPaths::namespaces) and in its cgroup, with a fresh overlay root.
// The child waits on a pipe until `record(process)` has returned (that is: until its identity is on disk), then goes
// on; it dies when the caller dies before. stdout and stderr are the FIFOs
// PodPaths::container_run(name)/{stdout,stderr}, which the caller has made; the child opens them read-write. stdin is
// the container's own /dev/null. How long set-up and execve take is up to others (a file lease in a volume that the
// container shares holds them for 45 s), so whoever has other things to do waits for descriptor() and not for them.
class Starting {
 public:
  Starting(ProcessId process, std::unique_ptr<Child> child);
  Starting(Starting&&) noexcept;
  ~Starting();  // not done: killed and reaped

  int descriptor() const;  // readable when advance() may get further
  // Does not wait; nullopt: not yet. A failure in the child is thrown as Error with the stage's text, object and cause;
  // the child is reaped then, and its cgroup is left for the undo record.
  std::optional<Started> advance();
  Started wait_for_exec();
  void kill();  // its end is told by descriptor(); in a frozen cgroup it waits for the thaw

 private:
  ProcessId process_;
  std::unique_ptr<Child> child_;
};
// Throws Error{environment}, which says how to thaw it, when the cgroup is frozen.
Starting begin_container(const plan::Plan& plan, const plan::Container& container, const state::PodPaths& paths,
                         const std::function<void(const ProcessId&)>& record);

// A command inside a running container: its namespaces, cgroup, identity, capabilities and seccomp filter. In a frozen
// one it would wait with it: Error{environment} instead, which says how to thaw it.
struct Execution {
  std::vector<std::string> argv;
  std::vector<plan::EnvironmentEntry> extra_environment;
  int stdin_fd = -1, stdout_fd = -1, stderr_fd = -1;  // -1: the container's /dev/null
  bool terminal = false;  // the descriptors are a pty's end: new session, controlling terminal
};
// A command on its way. Its set-up runs in a process outside of the container's pid namespace: nobody in there sees it,
// stops it, or reaches what it holds (CVE-2016-9962). Only what has the container's rights and nothing of ours is born
// inside, executes the command, and may still be stopped there for ever: so whoever has other things to do waits for
// descriptor() and not for the command.
class Executing {
 public:
  using Record = std::function<void(const ProcessId&)>;
  Executing(const plan::Plan& plan, const plan::Container& container, const state::PodPaths& paths,
            const ProcessId& init, const Execution& execution, Record record = {});
  Executing(Executing&&) noexcept;
  ~Executing();  // not done: killed and reaped

  int descriptor() const;            // readable when advance() may get further; another one after each call
  std::optional<Started> advance();  // does not wait; nullopt: not yet. Throws what failed

 private:
  bool begin_command();

  ProcessId init_;
  Record record_;
  std::unique_ptr<Child> setup_;
  unique_fd born_, go_;
  std::optional<Started> command_;
};

// Until it runs. The command leads a session of its own. `record`, when there is one, is called with its identity
// before it may go on.
Started execute_in_container(const plan::Plan& plan, const plan::Container& container, const state::PodPaths& paths,
                             const ProcessId& init, const Execution& execution,
                             const std::function<void(const ProcessId&)>& record = {});

}  // namespace tandem::linux_
