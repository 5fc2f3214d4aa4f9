// What the driver does for each action.
#include <sys/epoll.h>
#include <unistd.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "core/os/pipe.hpp"
#include "pods/linux/cgroup.hpp"
#include "pods/linux/container.hpp"
#include "pods/state/undo_record.hpp"
#include "pods/supervise/keeper_log.hpp"
#include "pods/supervise/output_fifos.hpp"
#include "pods/supervise/pod_driver.hpp"
#include "pods/supervise/recovery.hpp"
#include "pods/supervise/stop_signal.hpp"
#include "pods/supervise/undo_steps.hpp"

namespace tandem::supervise {

void PodDriver::act(const CreateSandbox&) {
  try {
    state::UndoRecord(paths_).append(undo_steps(plan_, roots_));
    for (const std::string& warning : create_sandbox(plan_, roots_, paths_)) log(Level::warning, warning);
    enter_pod();
    tell(SandboxReady{});
  } catch (const Error& error) {
    log(Level::error, error.what());
    tell(SandboxFailed{error.what()});
  }
}

void PodDriver::enter_pod() {
  inside_.reset();
  names_seen_ = names_version(roots_);
  inside_ = std::make_unique<InsidePod>(plan_, paths_, read_names(roots_).value_or(network::Names{}));
  if (inside_->name_server()) listen_for_names();
}

void PodDriver::leave_pod() {
  loop_.cancel(name_timer_);
  loop_.cancel(names_rest_);
  if (inside_ && inside_->name_server()) loop_.forget(inside_->name_server()->fd());
  inside_.reset();
}

void PodDriver::listen_for_names() {
  loop_.watch(inside_->name_server()->fd(), EPOLLIN, [this](std::uint32_t) { answer_names(); });
}

void PodDriver::answer_names() {
  if (!names_budget_.is_left(EventLoop::Clock::now())) {
    loop_.forget(inside_->name_server()->fd());
    names_rest_ = loop_.at(names_budget_.next_window(), [this] {
      names_rest_ = 0;
      listen_for_names();
    });
    return;
  }
  const auto begin = processor_time();
  follow_names();
  inside_->name_server()->on_readable();
  watch_name_server();
  names_budget_.spend(processor_time() - begin);
}

void PodDriver::watch_name_server() {
  loop_.cancel(name_timer_);
  name_timer_ = 0;
  const auto deadline = inside_->name_server()->next_deadline();
  if (!deadline) return;
  name_timer_ = loop_.at(*deadline, [this] {
    name_timer_ = 0;
    inside_->name_server()->on_time();
    watch_name_server();
  });
}

void PodDriver::act(const StartContainer& start) {
  const std::size_t i = start.container;
  const plan::Container& container = plan_.containers[i];
  try {
    make_directories(paths_.container_run(container.name), 0700);
    make_fifos(paths_.container_run(container.name));
    remove_old_logs(paths_.log(container.name, 0).parent_path(), start.attempt);
    open_output(i);
    starting_.emplace(i, linux_::begin_container(plan_, container, paths_, [&](const ProcessId& process) {
                        supervisor_.set_process(i, process);
                        state::remove_exit(paths_, process.pid);  // of an earlier process of that number
                        written_[i] = supervisor_.state().containers[i];
                        state::write_container_record(paths_, container.name, *written_[i]);
                      }));
    watch_start(i);
  } catch (const Error& error) {
    tell(start_failed(i, error));
  }
}

void PodDriver::watch_start(std::size_t i) {
  loop_.watch(starting_.at(i).descriptor(), EPOLLIN, [this, i](std::uint32_t) { on_start(i); });
}

void PodDriver::on_start(std::size_t i) {
  loop_.forget(starting_.at(i).descriptor());
  Event event = Started{i};
  try {
    auto started = starting_.at(i).advance();
    if (!started) return watch_start(i);
    bodies_[i].pidfd = std::move(started->pidfd);
    watch_body(i);
  } catch (const Error& error) {
    event = start_failed(i, error);
  }
  starting_.erase(i);
  tell(std::move(event));
}

StartFailed PodDriver::start_failed(std::size_t i, const Error& error) {
  log(Level::warning, "container " + plan_.containers[i].name + ": " + error.what());
  bodies_[i] = Body();
  return {i, error.tried() == "exec" ? StartFailure::run : StartFailure::create, error.what()};
}

void PodDriver::act(const SendSignal& signal) {
  if (starting_.count(signal.container) > 0) on_start(signal.container);  // its program may just have begun
  if (const auto starting = starting_.find(signal.container); starting != starting_.end()) {
    starting->second.kill();
    return thaw(signal.container, true);
  }
  const Body& body = bodies_[signal.container];
  if (!body.pidfd) return;
  const plan::Container& container = plan_.containers[signal.container];
  send_signal(body.pidfd.get(), signal.signal == Signal::kill ? SIGKILL : signal_number(container.stop_signal));
  thaw(signal.container, signal.signal == Signal::kill);
}

// A container that is told to end is not left frozen: it could not end, on v1 not even by SIGKILL.
void PodDriver::thaw(std::size_t i, bool killed) {
  const std::string& name = plan_.containers[i].name;
  const std::string cgroup = linux_::container_cgroup(plan_, name);
  const linux_::CgroupMounts mounts = linux_::find_cgroup_mounts();
  if (!linux_::thaw_command(mounts, cgroup)) return;
  log(Level::warning, "container " + name + " is frozen, and is thawed to be stopped");
  // What holds the whole pod is taken away with the pod only.
  linux_::thaw_cgroup(mounts, supervisor_.stopping() ? linux_::pod_cgroup(plan_) + "/pod" : cgroup);
  if (killed) linux_::kill_once(mounts, cgroup);
}

void PodDriver::act(const RunProbe& run) {
  const plan::Container& container = plan_.containers[run.container];
  const plan::Probe& probe = run.type == ProbeType::startup     ? *container.startup
                             : run.type == ProbeType::readiness ? *container.readiness
                                                                : *container.liveness;
  const auto done = [this, run](bool ok, std::string output) {
    tell(ProbeDone{run.container, run.attempt, run.type, ok, std::move(output)});
  };
  if (probe.kind == plan::ProbeKind::exec) return run_command(run.container, probe.command, probe.timeout, done);
  const std::uint64_t id = next_run_++;
  probes_[id] = std::make_unique<NetworkProbe>(loop_, probe, plan_.network.address,
                                               [this, id, done](bool ok, std::string output) {
                                                 const auto self = probes_.extract(id);
                                                 done(ok, std::move(output));
                                               });
}

void PodDriver::act(const RunHook& run) {
  if (run.type == HookType::pre_stop) thaw(run.container, false);
  const plan::Container& container = plan_.containers[run.container];
  run_command(run.container, run.type == HookType::pre_stop ? container.pre_stop : container.post_start, run.timeout,
              [this, run](bool ok, std::string output) {
                tell(HookDone{run.container, run.attempt, run.type, ok, std::move(output)});
              });
}

void PodDriver::run_command(std::size_t i, const std::vector<std::string>& argv, std::chrono::milliseconds timeout,
                            std::function<void(bool, std::string)> done) {
  const std::uint64_t id = next_run_++;
  try {
    Pipe output = make_pipe();
    linux_::Execution execution;
    execution.argv = argv;
    execution.stdout_fd = execution.stderr_fd = output.write_end.get();
    linux_::Executing executing(plan_, plan_.containers[i], paths_, supervisor_.state().containers[i].process,
                                execution);
    commands_[id] = std::make_unique<CommandRun>(
        loop_, std::move(executing), linux_::container_cgroup(plan_, plan_.containers[i].name),
        std::move(output.read_end), timeout, [this, id, done](bool ok, std::string text) {
          const auto self = commands_.extract(id);
          done(ok, std::move(text));
        });
  } catch (const Error& error) {
    // From the loop, not from here: the machine is in the middle of its actions.
    loop_.after(std::chrono::milliseconds(0), [done, text = std::string(error.what())] { done(false, text); });
  }
}

void PodDriver::act(const Report& report) {
  events_.append(report.warning, report.reason, report.message, report.field_path, now());
}

// The last of a pod: nothing runs any more. What fails here is tried again by `delete`.
void PodDriver::act(const Finish&) {
  commands_.clear();
  probes_.clear();
  leave_pod();
  Undone undone;
  std::vector<std::string>& failures = undone.failures;
  try {
    // Whoever asked for the end waits for it, and not for the link.
    const bool awaited = supervisor_.state().pod.stop_cause == state::StopCause::requested;
    undone = run_undo(roots_, paths_, {.guardians = true, .link = awaited});
  } catch (const Error& error) {
    failures.push_back(error.what());
  }
  for (const std::string& line : undone.unknown) log(Level::warning, "undone without " + line);
  for (const std::string& failure : failures) {
    log(Level::error, failure);
    events_.append(true, "FailedKillPod", failure, "", now());
  }
  state::PodRecord record = supervisor_.state().pod;
  record.cleaned = failures.empty();
  try {
    state::write_pod_record(paths_, record);
  } catch (const Error& error) {
    log(Level::error, error.what());
  }
  api_.reset();
  ::unlink(paths_.socket().c_str());
  finished_ = true;
  loop_.stop();
}

std::string PodDriver::answer(const HttpRequest& request) {
  const auto json = [](const std::string& text) { return http_response(200, "application/json", text); };
  const auto plain = [](int code, const char* text) { return http_response(code, "text/plain", text); };
  const bool get = request.method == "GET", post = request.method == "POST";
  if (get && request.path == "/healthz") return plain(200, "ok\n");
  if (get && request.path == "/api/v1/pod") return json(status_.render(supervisor_.state()));
  if (get && request.path == "/api/v1/events") {
    return json(
        state::event_list_json(state::read_events(paths_), {plan_.uid, plan_.name, plan_.name_space, plan_.node_name}));
  }
  if (post && request.path == "/status") {
    rendered_.clear();
    persist();
    return plain(200, "written\n");
  }
  if (post && request.path == "/stop") {
    std::chrono::seconds grace = plan_.termination_grace_period;
    if (const auto wanted = request.query.find("gracePeriodSeconds"); wanted != request.query.end()) {
      char* end = nullptr;
      const long seconds = std::strtol(wanted->second.c_str(), &end, 10);
      if (wanted->second.empty() || *end || seconds < 0 || seconds > 31'536'000) {
        return plain(400, "gracePeriodSeconds is not a number of seconds\n");
      }
      grace = std::chrono::seconds(seconds);
    }
    // After the answer: the end of a pod with nothing running would close this very connection.
    loop_.after(std::chrono::milliseconds(0), [this, grace] { tell(StopRequested{grace}); });
    return plain(202, "stopping\n");
  }
  return plain(404, "GET /api/v1/pod /api/v1/events /healthz, POST /stop /status\n");
}

}  // namespace tandem::supervise
