// A world for the supervisor: containers that live and die at random, hooks and probes that take their time,
// supervisors that are killed. Checks the promises after every action. Everything follows from the seed.
#pragma once

#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "pods/supervise/restart_policy.hpp"
#include "pods/supervise/supervisor.hpp"
#include "tests/unit/supervise/fake_pod.hpp"

namespace tandem::supervise::test {

class SimulatedWorld {
 public:
  explicit SimulatedWorld(unsigned seed) : random_(seed), plan_(random_plan()) {
    machine_ = std::make_unique<Supervisor>(plan_, state::PodState{}, now_);
    bodies_.resize(plan_.containers.size());
  }

  // Runs until the pod is finished; asks it to stop at a random moment. Empty, or the first promise that was broken.
  std::string run() {
    const Time stop_at = now_ + milliseconds(between(0, 2'000'000));
    stop_grace_ = std::chrono::seconds(one_in(10) ? 0 : between(1, 60));
    feed({TimePassed{}});
    for (int steps = 0; steps < 20000 && broken_.empty() && !finished_; ++steps) {
      if (!stop_asked_ && now_ >= stop_at) {
        stop_asked_ = true;
        stop_asked_at_ = now_;
        feed({StopRequested{stop_grace_}});
        continue;
      }
      if (one_in(200)) {
        replace_supervisor();
        continue;
      }
      advance(stop_asked_ ? std::nullopt : std::optional<Time>(stop_at));
    }
    if (broken_.empty() && !finished_) broken_ = "the pod never came to its end";
    return broken_;
  }
  std::size_t starts() const { return starts_; }

 private:
  struct Body {  // the process
    bool alive = false;
    std::optional<Time> starting_since;  // its program has not begun
    int attempt = -1;
    std::optional<Time> dies_at;
    ExitStatus dies_with;
    bool blamed = false;  // its own probe or hook has failed in this attempt
    bool told = false;
    bool called_back = false;  // started once more while the pod ends
    std::optional<Time> last_end;
    int ends = 0;
  };

  int between(int least, int most) { return std::uniform_int_distribution<int>(least, most)(random_); }
  bool one_in(int n) { return between(1, n) == 1; }

  plan::Probe random_probe() {
    plan::Probe p = test::probe(std::chrono::seconds(between(1, 20)), between(1, 4));
    p.initial_delay = std::chrono::seconds(between(0, 10));
    p.success_threshold = 1;
    return p;
  }
  plan::Plan random_plan() {
    const auto policy = static_cast<RestartPolicy>(between(0, 2));
    std::vector<plan::Container> list;
    const int helpers = between(0, 4), mains = between(1, 3);
    for (int i = 0; i < helpers; ++i) {
      list.push_back(
          test::container("h" + std::to_string(i), one_in(2) ? ContainerKind::init : ContainerKind::sidecar));
    }
    for (int i = 0; i < mains; ++i) list.push_back(test::container("m" + std::to_string(i)));
    for (auto& c : list) {
      if (c.kind == ContainerKind::init) continue;
      if (one_in(3)) c.startup = random_probe();
      if (one_in(3)) c.readiness = random_probe();
      if (one_in(3)) c.liveness = random_probe();
      if (one_in(5)) c.pre_stop = {"x"};
      if (one_in(5)) c.post_start = {"x"};
    }
    auto p = test::pod(std::move(list), policy);
    p.termination_grace_period = std::chrono::seconds(between(1, 40));
    if (one_in(6)) p.active_deadline = std::chrono::seconds(between(1, 2000));
    return p;
  }

  void require(bool holds, const std::string& promise) {
    if (!holds && broken_.empty()) broken_ = promise;
  }

  // To the next thing that happens: a process' end, an answer, or the supervisor's own deadline.
  void advance(std::optional<Time> no_later_than) {
    Time next = now_ + std::chrono::hours(1);
    if (no_later_than) next = std::min(next, std::max(*no_later_than, now_));
    const auto own = machine_->next_deadline();
    if (own) next = std::min(next, std::max(*own, now_));
    for (const Body& body : bodies_) {
      if (body.alive && body.dies_at) next = std::min(next, *body.dies_at);
    }
    if (!answers_.empty()) next = std::min(next, answers_.begin()->first);
    stuck_ = next == now_ ? stuck_ + 1 : 0;
    require(stuck_ < 1000, "time stands still");
    now_ = next;
    for (std::size_t i = 0; i < bodies_.size(); ++i) {
      Body& body = bodies_[i];
      if (!body.alive || !body.dies_at || *body.dies_at > now_) continue;
      end(body);
      return feed({Exited{i, body.attempt, body.dies_with, false, false, ""}});
    }
    if (!answers_.empty() && answers_.begin()->first <= now_) {
      const Event event = answers_.begin()->second;
      answers_.erase(answers_.begin());
      if (const auto* started = std::get_if<Started>(&event)) begin(started->container);
      note_blame(event);
      return feed({event});
    }
    feed({TimePassed{}});
  }

  void begin(std::size_t i) {
    Body& body = bodies_[i];
    require(now_ - *body.starting_since <= std::chrono::minutes(2), "a start was waited for too long");
    body.starting_since.reset();
    const bool plain_init = plan_.containers[i].kind == ContainerKind::init;
    if (plain_init || one_in(3)) body.dies_at = now_ + milliseconds(between(0, one_in(5) ? 900'000 : 20'000));
    body.dies_with = one_in(2) ? ExitStatus{0, 0, false} : ExitStatus{between(1, 3), 0, false};
  }

  void end(Body& body) {
    body.alive = false;
    body.last_end = now_;
    ++body.ends;
  }

  void note_blame(const Event& event) {
    if (const auto* p = std::get_if<ProbeDone>(&event)) {
      if (!p->ok && p->type != ProbeType::readiness && bodies_[p->container].attempt == p->attempt) {
        bodies_[p->container].blamed = true;
      }
    }
    if (const auto* h = std::get_if<HookDone>(&event)) {
      if (!h->ok && h->type == HookType::post_start && bodies_[h->container].attempt == h->attempt) {
        bodies_[h->container].blamed = true;
      }
    }
  }

  // kill -9 of the supervisor: probes and hooks under way are lost, processes live on.
  void replace_supervisor() {
    answers_.clear();
    const state::PodState state = machine_->state();
    now_ += milliseconds(between(0, 3000));
    machine_ = std::make_unique<Supervisor>(plan_, state, now_);
    std::vector<Event> found;
    for (std::size_t i = 0; i < bodies_.size(); ++i) {
      if (!alive(state.containers[i])) continue;
      Body& body = bodies_[i];
      if (body.alive && body.starting_since) {  // killed, for nobody knows what becomes of it
        body.alive = false;
        body.starting_since.reset();
        body.last_end.reset();
        found.push_back(StartLost{i});
      } else if (body.alive && body.dies_at && *body.dies_at <= now_) {
        end(body);
        found.push_back(Exited{i, body.attempt, body.dies_with, false, one_in(5), ""});
      } else if (body.alive) {
        found.push_back(Started{i});
      } else {
        found.push_back(StartLost{i});  // its StartFailed was under way
      }
    }
    found.push_back(TimePassed{});
    feed(found);
  }

  void feed(const std::vector<Event>& events) {
    const auto actions = machine_->on(events, now_);
    check_state();
    for (const Action& action : actions) {
      if (!broken_.empty()) return;
      require(!finished_, "something was asked for after the end");
      std::visit([this](const auto& a) { act(a); }, action);
    }
    if (const auto next = machine_->next_deadline(); next && *next < now_) require(false, "a deadline was left behind");
  }

  void act(const CreateSandbox&) {
    if (one_in(4)) return answer(500, SandboxFailed{"no luck"});
    answer(20, SandboxReady{});
  }
  void act(const StartContainer& start) {
    const std::size_t i = start.container;
    Body& body = bodies_[i];
    const plan::Container& container = plan_.containers[i];
    require(!body.alive, "two instances of " + container.name);
    if (machine_->stopping()) {
      const bool just_before = now_ == machine_->state().pod.stop_since;  // decided in the same turn
      require(container.kind == ContainerKind::sidecar && (body.last_end || just_before) && !body.called_back,
              "a start while the pod stops");
      body.called_back = true;
    }
    require(start.attempt == body.attempt + 1 || start.attempt == body.attempt, "attempts are counted wrong");
    check_backoff(body);
    check_order(i);
    ++starts_;
    if (one_in(15)) {
      const bool create = one_in(2);
      if (!create) {
        body.attempt = start.attempt;
        end(body);
      } else {
        body.last_end.reset();
      }
      return answer(0, StartFailed{i, create ? StartFailure::create : StartFailure::run, "no luck"});
    }
    body = {true, now_, start.attempt, {}, {}, false, false, body.called_back, body.last_end, body.ends};
    if (one_in(10)) return answer(between(0, 200'000), Started{i});
    begin(i);
    feed({Started{i}});
  }
  void give_up(std::size_t i, const Body& body) {
    require(machine_->stopping() || now_ >= *body.starting_since + std::chrono::minutes(2),
            "a start was given up too soon");
    std::erase_if(answers_, [&](const auto& entry) {
      const auto* started = std::get_if<Started>(&entry.second);
      return started && started->container == i;
    });
    bodies_[i].alive = false;
    bodies_[i].starting_since.reset();
    bodies_[i].last_end.reset();
    answer(between(0, 50), StartFailed{i, StartFailure::create, "stopped"});
  }
  void act(const SendSignal& signal) {
    const std::size_t i = signal.container;
    Body& body = bodies_[i];
    const std::string& name = plan_.containers[i].name;
    const state::PodRecord& pod = machine_->state().pod;
    require(body.alive, "a signal to " + name + ", which is dead");
    if (body.starting_since) {
      require(signal.signal == Signal::kill, name + " was told to stop before it had begun");
      return give_up(i, body);
    }
    require(machine_->stopping() || body.blamed, name + " was stopped through no fault of its own");
    if (signal.signal == Signal::stop) {
      if (machine_->stopping() && !body.blamed && plan_.containers[i].kind == ContainerKind::sidecar &&
          now_ < pod.stop_deadline) {
        for (std::size_t j = i + 1; j < bodies_.size(); ++j) {
          require(!bodies_[j].alive, name + " was stopped before " + plan_.containers[j].name + " had ended");
        }
      }
      body.told = true;
      if (one_in(4)) return;  // ignores it
      const Time reacts = now_ + milliseconds(between(0, one_in(3) ? 30'000 : 500));
      if (!body.dies_at || reacts < *body.dies_at) body.dies_at = reacts;
    } else {
      const bool zero = stop_asked_ && stop_grace_ == std::chrono::seconds(0);
      require(zero || body.told, name + " was killed without having been told");
      body.dies_at = std::min(body.dies_at.value_or(now_ + std::chrono::hours(9)), now_ + milliseconds(between(0, 50)));
      body.dies_with = ExitStatus{0, 9, false};
    }
  }
  void act(const RunProbe& probe) {
    require(bodies_[probe.container].alive, "a probe of a dead container");
    require(!bodies_[probe.container].starting_since, "a probe of a container that has not begun");
    const auto key = std::make_tuple(probe.container, probe.attempt, static_cast<int>(probe.type));
    for (const auto& [time, event] : answers_) {
      const auto* other = std::get_if<ProbeDone>(&event);
      require(!other || std::make_tuple(other->container, other->attempt, static_cast<int>(other->type)) != key,
              "two runs of one probe at a time");
    }
    answer(between(0, 1500), ProbeDone{probe.container, probe.attempt, probe.type, !one_in(6), "no luck"});
  }
  void act(const RunHook& hook) {
    answer(between(0, 5000), HookDone{hook.container, hook.attempt, hook.type, !one_in(6), "no luck"});
  }
  void act(const Report& report) { require(!report.reason.empty(), "an event without a reason"); }
  void act(const Finish&) {
    finished_ = true;
    for (const Body& body : bodies_) require(!body.alive, "finished while a container is alive");
    if (!stop_asked_) return;
    require(now_ <= stop_asked_at_ + stop_grace_ + std::chrono::seconds(6), "the stop took too long");
  }

  void answer(int after_ms, Event event) { answers_.emplace(now_ + milliseconds(after_ms), std::move(event)); }

  void check_backoff(const Body& body) {
    if (!body.last_end) return;
    const auto waited = now_ - *body.last_end;
    // A dead supervisor costs at most three seconds; a sidecar still starting may hold its successor's first start
    // only.
    require(waited <= std::chrono::seconds(304), "a restart came too late");
  }
  void check_order(std::size_t i) {
    if (plan_.containers[i].kind != ContainerKind::main) return;
    for (std::size_t j = 0; j < i; ++j) {
      const auto& record = machine_->state().containers[j];
      if (plan_.containers[j].kind == ContainerKind::init)
        require(succeeded(record), "a main container ran before its init");
      if (plan_.containers[j].kind == ContainerKind::sidecar)
        require(record.ever_started, "a main container ran before its sidecar");
    }
  }
  void check_state() {
    for (std::size_t i = 0; i < bodies_.size(); ++i) {
      const auto& record = machine_->state().containers[i];
      require(!record.ready || record.started, "ready before started");
      require(!record.started || record.phase == ContainerPhase::running, "started but not running");
    }
  }

  std::mt19937 random_;
  Time now_{1'700'000'000'000ms};
  plan::Plan plan_;
  std::unique_ptr<Supervisor> machine_;
  std::vector<Body> bodies_;
  std::multimap<Time, Event> answers_;
  std::string broken_;
  bool finished_ = false, stop_asked_ = false;
  Time stop_asked_at_{};
  std::chrono::seconds stop_grace_{30};
  int stuck_ = 0;
  std::size_t starts_ = 0;
};

}  // namespace tandem::supervise::test
