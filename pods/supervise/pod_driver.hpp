// Turns the supervisor's actions into system calls, and what happens into its events. One thread, one loop.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/os/error.hpp"
#include "core/os/unique_fd.hpp"
#include "pods/linux/container.hpp"
#include "pods/plan/plan.hpp"
#include "pods/state/events.hpp"
#include "pods/state/layout.hpp"
#include "pods/supervise/api_server.hpp"
#include "pods/supervise/command_run.hpp"
#include "pods/supervise/event_loop.hpp"
#include "pods/supervise/names_file.hpp"
#include "pods/supervise/network_probe.hpp"
#include "pods/supervise/output_copy.hpp"
#include "pods/supervise/pod_sandbox.hpp"
#include "pods/supervise/pod_status.hpp"
#include "pods/supervise/supervisor.hpp"
#include "pods/supervise/time_budget.hpp"

namespace tandem::supervise {

class PodDriver {
 public:
  PodDriver(state::Roots roots, state::PodPaths paths, plan::Plan plan, state::PodState state);
  ~PodDriver();
  // Until the pod is finished and cleaned up. Throws Error when it cannot go on; the keeper then starts another.
  void run();

 private:
  struct Body {  // of a container that is alive
    unique_fd pidfd;
    std::unique_ptr<OutputCopy> out, errors;
    bool waits_for_exit_file = false;
  };

  // pod_driver.cpp: the turn of the wheel
  void tell(Event event) { queue_.push_back(std::move(event)); }
  void work_off();
  void perform(const std::vector<Action>& actions);
  void persist();
  void persist_pod();
  void arm_timer();
  void on_signal();
  state::Time now() const;

  // actions.cpp
  void act(const CreateSandbox&);
  void act(const StartContainer&);
  void watch_start(std::size_t container);
  void on_start(std::size_t container);
  StartFailed start_failed(std::size_t container, const Error& error);
  void act(const SendSignal&);
  void thaw(std::size_t container, bool killed);
  void act(const RunProbe&);
  void act(const RunHook&);
  void act(const Report&);
  void act(const Finish&);
  void run_command(std::size_t container, const std::vector<std::string>& argv, std::chrono::milliseconds timeout,
                   std::function<void(bool, std::string)> done);
  void enter_pod();
  void leave_pod();  // back to the host's network
  void listen_for_names();
  void answer_names();
  void watch_name_server();

  // guardians.cpp
  void watch_keeper();
  void replace_keeper();

  // pod_names.cpp
  void follow_names();
  void announce();

  // adoption.cpp: how containers are found again, and how they end
  void adopt();
  void watch_body(std::size_t container);
  void open_output(std::size_t container);
  void on_body_exit(std::size_t container);
  void finish_body(std::size_t container, std::optional<ExitStatus> status);
  void look_at_exits();

  std::string answer(const HttpRequest& request);

  state::Roots roots_;
  state::PodPaths paths_;
  plan::Plan plan_;
  EventLoop loop_;
  Supervisor supervisor_;
  PodStatus status_;
  state::EventLog events_;
  unique_fd signals_;
  NamesVersion names_seen_;
  std::unique_ptr<ApiServer> api_;
  std::unique_ptr<InsidePod> inside_;
  TimeBudget names_budget_, output_budget_;
  std::vector<Body> bodies_;
  std::map<std::size_t, linux_::Starting> starting_;  // by container: on their way to execve
  std::map<std::uint64_t, std::unique_ptr<CommandRun>> commands_;
  std::map<std::uint64_t, std::unique_ptr<NetworkProbe>> probes_;
  std::uint64_t next_run_ = 1;
  std::vector<Event> queue_;  // until the next turn
  bool finished_ = false;
  EventLoop::Timer timer_ = 0, persist_retry_ = 0, name_timer_ = 0, announce_retry_ = 0, names_rest_ = 0;
  std::optional<state::PodRecord> written_pod_;
  std::vector<std::optional<state::ContainerRecord>> written_;
  std::string rendered_;
  std::string announced_;  // what of this pod matters to names
  std::chrono::nanoseconds wall_offset_{0};
  pid_t keeper_ = 0;
  unique_fd keeper_end_;  // readable when it has died
};

}  // namespace tandem::supervise
