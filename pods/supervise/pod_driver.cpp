#include "pods/supervise/pod_driver.hpp"

#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <ctime>
#include <utility>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "core/os/signals.hpp"
#include "pods/state/state_file.hpp"
#include "pods/supervise/keeper.hpp"
#include "pods/supervise/keeper_log.hpp"

namespace tandem::supervise {
namespace {

// What a pod's questions for names, and its output, may take of a processor outside of the pod's own limit.
constexpr std::chrono::milliseconds budget_window{100}, most_for_names{20}, most_for_output{20};

std::chrono::nanoseconds since_boot() {
  timespec time{};
  ::clock_gettime(CLOCK_BOOTTIME, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

PodDriver::PodDriver(state::Roots roots, state::PodPaths paths, plan::Plan plan, state::PodState state)
    : roots_(std::move(roots)),
      paths_(std::move(paths)),
      plan_(std::move(plan)),
      supervisor_(plan_, std::move(state), state::wall_clock()),
      status_(plan_),
      events_(paths_, {plan_.uid, plan_.name, plan_.name_space, plan_.node_name}),
      signals_(signal_fd({SIGTERM, SIGINT, exit_written_signal})),
      names_budget_(budget_window, most_for_names),
      output_budget_(budget_window, most_for_output),
      bodies_(plan_.containers.size()),
      written_(plan_.containers.size()),
      // A clock that is set must not move deadlines, so the wall clock is read once, here.
      wall_offset_(std::chrono::system_clock::now().time_since_epoch() - since_boot()),
      keeper_(::getppid()) {
  ::signal(SIGPIPE, SIG_IGN);
}

PodDriver::~PodDriver() = default;

state::Time PodDriver::now() const {
  return state::Time(std::chrono::floor<std::chrono::milliseconds>(since_boot() + wall_offset_));
}

void PodDriver::run() {
  loop_.watch(signals_.get(), EPOLLIN, [this](std::uint32_t) { on_signal(); });
  if (supervisor_.state().pod.sandbox_ready && !supervisor_.state().pod.finished) enter_pod();
  api_ = std::make_unique<ApiServer>(loop_, paths_.socket(), [this](const HttpRequest& r) { return answer(r); });
  adopt();
  tell(TimePassed{});
  if (supervisor_.state().pod.finished) {
    persist();
    return act(Finish{});  // the last supervisor died while it cleaned up
  }
  watch_keeper();
  loop_.before_waiting([this] { work_off(); });
  loop_.run();
}

// What happened together is one turn: state is written, and names are announced, once. An action may bring its own
// event.
void PodDriver::work_off() {
  if (queue_.empty()) return;
  while (!queue_.empty() && !finished_) {
    const std::vector<Action> actions = supervisor_.on(std::exchange(queue_, {}), now());
    persist();
    perform(actions);
  }
  if (!finished_) arm_timer();
}

void PodDriver::perform(const std::vector<Action>& actions) {
  for (const Action& action : actions) std::visit([this](const auto& what) { act(what); }, action);
}

void PodDriver::persist() {
  const state::PodState& state = supervisor_.state();
  try {
    // Cut off between two files, the rest must follow from what is there: a stop is a fact before any container is
    // told, and the end is one only after every container's.
    if (!state.pod.finished) persist_pod();
    for (std::size_t i = 0; i < state.containers.size(); ++i) {
      if (written_[i] == state.containers[i]) continue;
      state::write_container_record(paths_, plan_.containers[i].name, state.containers[i]);
      written_[i] = state.containers[i];
    }
    persist_pod();
    std::string rendered = status_.render(state);
    if (rendered == rendered_) return;
    state::write_state_file(paths_.status(), rendered);
    rendered_ = std::move(rendered);
    announce();
  } catch (const Error& error) {
    log(Level::error, std::string(error.what()) + ", retrying in 1 s");
    if (persist_retry_) return;
    persist_retry_ = loop_.after(std::chrono::seconds(1), [this] {
      persist_retry_ = 0;
      persist();
    });
  }
}

void PodDriver::persist_pod() {
  if (written_pod_ == supervisor_.state().pod) return;
  state::write_pod_record(paths_, supervisor_.state().pod);
  written_pod_ = supervisor_.state().pod;
}

void PodDriver::arm_timer() {
  loop_.cancel(timer_);
  timer_ = 0;
  const auto deadline = supervisor_.next_deadline();
  if (!deadline) return;
  timer_ = loop_.after(std::max(*deadline - now(), std::chrono::milliseconds(0)), [this] {
    timer_ = 0;
    tell(TimePassed{});
  });
}

void PodDriver::on_signal() {
  signalfd_siginfo info;
  while (::read(signals_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    if (info.ssi_signo != exit_written_signal) tell(StopRequested{plan_.termination_grace_period});
  }
  look_at_exits();  // one signal may stand for several
}

}  // namespace tandem::supervise
