// What the supervisor is told, and what it asks for. Plain values; containers are named by their place in the Plan.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include "core/os/process.hpp"
#include "pods/state/time.hpp"

namespace tandem::supervise {

enum class ProbeType { startup, readiness, liveness };
enum class HookType { post_start, pre_stop };

// Events. Those with an `attempt` are ignored when the container is no longer in that attempt.

struct SandboxReady {};
struct SandboxFailed {
  std::string message;
};
struct Started {  // it has executed its program; or a running container was found again by a new supervisor
  std::size_t container = 0;
};
struct StartLost {  // the last supervisor died while it was starting it: as if never tried
  std::size_t container = 0;
};
enum class StartFailure { create, run };  // run: the program itself could not be executed
struct StartFailed {
  std::size_t container = 0;
  StartFailure failure = StartFailure::create;
  std::string message;
};
struct Exited {
  std::size_t container = 0;
  int attempt = 0;
  ExitStatus status;
  bool oom_killed = false;
  bool unknown = false;           // it is gone, and nobody knows how it ended
  std::string message;            // its termination message
  bool child_oom_killed = false;  // a process of it was killed for memory, and was not what ended it
};
struct ProbeDone {
  std::size_t container = 0;
  int attempt = 0;
  ProbeType type{};
  bool ok = false;
  std::string output;
};
struct HookDone {
  std::size_t container = 0;
  int attempt = 0;
  HookType type{};
  bool ok = false;
  std::string output;
};
struct StopRequested {
  std::chrono::seconds grace{30};  // zero: SIGKILL at once
};
struct TimePassed {};
using Event = std::variant<SandboxReady, SandboxFailed, Started, StartLost, StartFailed, Exited, ProbeDone, HookDone,
                           StopRequested, TimePassed>;

// Actions, to be done in their order.

struct CreateSandbox {};
struct StartContainer {
  std::size_t container = 0;
  int attempt = 0;
};
enum class Signal { stop, kill };  // stop: the container's own stop signal
struct SendSignal {
  std::size_t container = 0;
  Signal signal{};
};
struct RunProbe {
  std::size_t container = 0;
  int attempt = 0;
  ProbeType type{};
};
struct RunHook {
  std::size_t container = 0;
  int attempt = 0;
  HookType type{};
  std::chrono::milliseconds timeout{0};  // zero: as long as the container lives
};
struct Report {  // a v1 Event
  bool warning = false;
  std::string reason, message;
  std::string field_path;
};
struct Finish {};  // every container has ended for good: undo, write the last status, end
using Action = std::variant<CreateSandbox, StartContainer, SendSignal, RunProbe, RunHook, Report, Finish>;

}  // namespace tandem::supervise
