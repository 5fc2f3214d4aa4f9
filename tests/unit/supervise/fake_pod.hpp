// A pod on a fake clock: drives a Supervisor, keeps what it asked for, and plays the containers.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "pods/supervise/supervisor.hpp"

namespace tandem::supervise::test {

using namespace std::chrono_literals;
using plan::ContainerKind;
using plan::RestartPolicy;
using state::ContainerPhase;

inline plan::Container container(const std::string& name, ContainerKind kind = ContainerKind::main,
                                 RestartPolicy restart = RestartPolicy::always) {
  plan::Container c;
  c.name = name;
  c.kind = kind;
  c.restart = kind == ContainerKind::sidecar ? RestartPolicy::always : restart;
  c.image = "localhost/" + name;
  return c;
}

inline plan::Plan pod(std::vector<plan::Container> containers, RestartPolicy restart = RestartPolicy::always) {
  plan::Plan p;
  p.uid = "0d7c6f0e-1111-4222-8333-444455556666";
  p.id = "0d7c6f0e1111";
  p.name = "web";
  p.name_space = "default";
  p.containers = std::move(containers);
  p.restart_policy = restart;
  for (auto& c : p.containers) {
    if (c.kind != ContainerKind::sidecar && restart != RestartPolicy::always) c.restart = restart;
  }
  return p;
}

inline plan::Probe probe(std::chrono::seconds period = 10s, int failures = 3) {
  plan::Probe p;
  p.command = {"true"};
  p.period = period;
  p.failure_threshold = failures;
  return p;
}

class FakePod {
 public:
  explicit FakePod(plan::Plan p, state::PodState state = {}) : plan(std::move(p)) {
    machine = std::make_unique<Supervisor>(plan, std::move(state), now);
  }

  // Gives the event; starts succeed at once unless `starts_by_hand`; what was asked for is added to `actions`.
  void tell(const Event& event) { take(machine->on(event, now)); }
  void tell(const std::vector<Event>& events) { take(machine->on(events, now)); }
  void begin() {
    tell(TimePassed{});
    if (asked<CreateSandbox>()) tell(SandboxReady{});
  }
  void exit(const std::string& name, int code = 0) {
    const std::size_t i = index(name);
    tell(Exited{i, record(name).attempt, ExitStatus{code, 0, false}, false, false, ""});
  }
  void die(const std::string& name, int signal) {
    tell(Exited{index(name), record(name).attempt, ExitStatus{0, signal, false}, false, false, ""});
  }
  void probe_done(const std::string& name, ProbeType type, bool ok) {
    tell(ProbeDone{index(name), record(name).attempt, type, ok, ok ? "" : "no"});
  }
  // Lets time pass, stopping at every deadline on the way.
  void wait(milliseconds span) {
    const Time end = now + span;
    for (int i = 0; i < 100000; ++i) {
      const auto next = machine->next_deadline();
      if (!next || *next > end) break;
      now = std::max(now, *next);
      tell(TimePassed{});
    }
    now = end;
  }

  std::size_t index(const std::string& name) const {
    for (std::size_t i = 0; i < plan.containers.size(); ++i) {
      if (plan.containers[i].name == name) return i;
    }
    throw std::runtime_error("no container " + name);
  }
  const state::ContainerRecord& record(const std::string& name) const {
    return machine->state().containers[index(name)];
  }
  bool running(const std::string& name) const { return record(name).phase == ContainerPhase::running; }

  // What was asked for since the last clear(), in words: "start web 0", "stop web", "kill web", "probe web liveness",
  // "hook web preStop", "finish".
  std::vector<std::string> words() const { return words_; }
  void clear() { words_.clear(), reports.clear(), actions.clear(); }
  template <class T>
  bool asked() const {
    return std::any_of(actions.begin(), actions.end(), [](const Action& a) { return std::holds_alternative<T>(a); });
  }
  bool said(const std::string& word) const { return std::find(words_.begin(), words_.end(), word) != words_.end(); }
  bool reported(const std::string& reason) const {
    return std::any_of(reports.begin(), reports.end(), [&](const Report& r) { return r.reason == reason; });
  }

  plan::Plan plan;
  std::unique_ptr<Supervisor> machine;
  Time now{1'700'000'000'000ms};
  bool starts_by_hand = false;
  std::vector<Action> actions;
  std::vector<Report> reports;

 private:
  void take(const std::vector<Action>& list) {
    for (const Action& action : list) {
      actions.push_back(action);
      note(action);
    }
    for (const Action& action : list) {
      const auto* start = std::get_if<StartContainer>(&action);
      if (start && !starts_by_hand) tell(Started{start->container});
    }
  }
  void note(const Action& action) {
    const auto name = [&](std::size_t i) { return plan.containers[i].name; };
    if (const auto* a = std::get_if<StartContainer>(&action)) {
      words_.push_back("start " + name(a->container) + " " + std::to_string(a->attempt));
    } else if (const auto* s = std::get_if<SendSignal>(&action)) {
      words_.push_back((s->signal == Signal::stop ? "stop " : "kill ") + name(s->container));
    } else if (const auto* p = std::get_if<RunProbe>(&action)) {
      const char* types[] = {" startup", " readiness", " liveness"};
      words_.push_back("probe " + name(p->container) + types[static_cast<int>(p->type)]);
    } else if (const auto* h = std::get_if<RunHook>(&action)) {
      words_.push_back("hook " + name(h->container) + (h->type == HookType::pre_stop ? " preStop" : " postStart"));
    } else if (const auto* r = std::get_if<Report>(&action)) {
      reports.push_back(*r);
    } else if (std::holds_alternative<Finish>(action)) {
      words_.push_back("finish");
    }
  }
  std::vector<std::string> words_;
};

using Words = std::vector<std::string>;

}  // namespace tandem::supervise::test
