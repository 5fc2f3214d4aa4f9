// The pod's state machine: told what happened, it says what to do. Pure: no clock, no system call; the driver turns
// actions into both. Semantics are kubelet's; where they are subtle, the source names kubelet's function.
#pragma once

#include <optional>
#include <vector>

#include "pods/plan/plan.hpp"
#include "pods/state/pod_state.hpp"
#include "pods/supervise/event.hpp"
#include "pods/supervise/probe_schedule.hpp"

namespace tandem::supervise {

using state::Time;
using std::chrono::milliseconds;

class Supervisor {
 public:
  // `state` is empty for a new pod; otherwise what the last supervisor left on disk. The Plan must outlive this.
  // Nothing happens before the first on(). A supervisor that adopts gives it, in one call, one of Started, StartLost or
  // Exited for each container whose record is alive.
  Supervisor(const plan::Plan& plan, state::PodState state, Time now);

  // `now` never goes back. Whatever state() says afterwards has to be on disk before the actions are done.
  std::vector<Action> on(const Event& event, Time now);
  std::vector<Action> on(const std::vector<Event>& events, Time now);  // as if they happened at once

  // When TimePassed is due; nullopt: only an event can change anything. Past: at once.
  std::optional<Time> next_deadline() const;

  // A process was made for a container that is being started; between StartContainer and Started or StartFailed.
  void set_process(std::size_t container, const ProcessId& process) { records_[container].process = process; }

  const state::PodState& state() const { return state_; }
  bool stopping() const { return state_.pod.stop_cause != state::StopCause::none; }

 private:
  // pre_stop: its hook runs; waiting_turn: containers that go first are still alive; told: it has its stop signal. One
  // that is still starting goes from none to killed.
  enum class Kill { none, pre_stop, waiting_turn, told, killed };
  struct Activity {  // what is not on disk, of one container
    ProbeSchedule startup, readiness, liveness;
    Kill kill = Kill::none;
    Time start_since{};
    bool backoff_reported = false;
  };

  void apply(const SandboxReady&);
  void apply(const SandboxFailed&);
  void apply(const Started&);
  void apply(const StartLost&);
  void apply(const StartFailed&);
  void apply(const Exited&);
  void apply(const ProbeDone&);
  void apply(const HookDone&);
  void apply(const StopRequested&);
  void apply(const TimePassed&) {}

  // From state to actions (supervisor.cpp); called after every event.
  void reconcile();
  void reconcile_sandbox();
  void reconcile_init_containers();
  void reconcile_main_containers();
  void keep_running(std::size_t i);
  void start(std::size_t i);
  Time start_deadline(std::size_t i) const;
  void refresh_conditions();

  // The life of one container (container_life.cpp).
  void begin_probes(std::size_t i);
  void mark_started(std::size_t i);
  void end_attempt(std::size_t i, state::Termination termination);
  void on_probe_failure(std::size_t i, ProbeType type);
  void run_due_probes(std::size_t i);

  // Ending containers and the pod (stopping.cpp).
  void begin_stop(state::StopCause cause, milliseconds grace);
  void begin_kill(std::size_t i, milliseconds grace, const std::string& why);
  void advance_kill(std::size_t i);
  void advance_start(std::size_t i);
  void reconcile_stop();
  bool is_called_back(std::size_t i) const;
  Time stoppable_at(std::size_t i) const;
  bool is_turn_of(std::size_t i) const;

  void report(bool warning, std::string reason, std::string message, std::size_t i);
  void report_pod(bool warning, std::string reason, std::string message);
  bool in_attempt(std::size_t i, int attempt) const;
  Time may_start_at(std::size_t i) const;
  std::string pod_label() const;

  const plan::Plan& plan_;
  state::PodState state_;
  std::vector<state::ContainerRecord>& records_;
  std::vector<Activity> activities_;
  bool creating_sandbox_ = false;
  Time sandbox_retry_{};
  milliseconds sandbox_delay_{0};
  Time now_{};
  std::vector<Action> actions_;
};

}  // namespace tandem::supervise
