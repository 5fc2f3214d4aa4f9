#include <poll.h>

#include <csignal>
#include <iostream>
#include <map>
#include <memory>
#include <optional>

#include "core/os/check.hpp"
#include "core/os/signals.hpp"
#include "pods/cli/commands.hpp"
#include "pods/cli/streams.hpp"
#include "pods/client/apply.hpp"
#include "pods/client/follow_log.hpp"
#include "pods/client/manifests.hpp"
#include "pods/client/pod_trouble.hpp"
#include "pods/client/pod_watch.hpp"
#include "pods/client/running_pod.hpp"
#include "pods/client/stopping.hpp"
#include "pods/state/objects.hpp"
#include "pods/state/pod_state.hpp"
#include "pods/supervise/client.hpp"

namespace tandem::cli {

namespace {

struct UpOptions {
  ManifestOptions manifests;
  bool detach = false, replace = false;
  std::string timeout = "60s";
};

std::vector<PodName> names_of(const manifest::Objects& objects) {
  std::vector<PodName> names;
  for (const auto& pod : objects.pods) names.push_back({pod.metadata.name_space, pod.metadata.name});
  return names;
}

// A pod that runs to its end is as good when it has succeeded: its readiness is over by then.
void wait_until_ready(const Session& session, const manifest::Objects& objects, const std::string& timeout) {
  wait_for_pods(
      session.roots, names_of(objects), Goal::ready_or_succeeded, parse_timeout(timeout),
      [](const PodName& pod, const std::string& how) { std::cout << "pod/" << pod.name << ' ' << how << std::endl; });
}

// The output of every container of some pods, through all their restarts.
class Output {
 public:
  explicit Output(std::vector<RunningPod> pods) : pods_(std::move(pods)) {
    for (const auto& pod : pods_) {
      for (const auto& container : pod.plan.containers) {
        const std::string prefix = "[" + (pods_.size() > 1 ? pod.name + "/" : "") + container.name + "] ";
        readers_.push_back({&pod, container.name, LogReader(pod.paths, container.name, 0, {false, prefix})});
        watch_.add(pod.paths, container.name);
      }
    }
  }

  void wait() { watch_.wait(200); }

  void print() {
    std::string out;
    for (auto& one : readers_) {
      const auto record = state::read_container_record(one.pod->paths, one.container);
      const int newest = record ? record->attempt : 0;
      for (;;) {
        while (one.reader.read_more(out)) {
          flush(out);
          if (const std::string loss = one.reader.take_loss(); !loss.empty()) std::cerr << loss << std::endl;
        }
        if (one.reader.attempt() >= newest) break;
        one.reader.move_to(one.reader.attempt() + 1);
      }
    }
    flush(out);
  }

  const std::vector<RunningPod>& pods() const { return pods_; }

 private:
  struct One {
    const RunningPod* pod;
    std::string container;
    LogReader reader;
  };
  static void flush(std::string& out) {
    write_container_output(out);
    out.clear();
  }

  std::vector<RunningPod> pods_;
  std::vector<One> readers_;
  LogWatch watch_;
};

bool is_pending(int signal_fd) {
  pollfd polled{signal_fd, POLLIN, 0};
  return attempt([&] { return ::poll(&polled, 1, 0); }) > 0;
}

void say_failed(const RunningPod& pod) {
  const std::string which = failed_containers(pod.paths);
  std::cerr << "pod/" << pod.name << " failed" << (which.empty() ? "" : ": ") << which << std::endl;
}

// Until all pods have ended (true: all succeeded) or a signal came, after which they are deleted (false).
int run_in_foreground(const Session& session, const manifest::Objects& objects, const unique_fd& signals) {
  std::vector<RunningPod> pods;
  for (const auto& pod : objects.pods) {
    Session in_space = session;
    in_space.name_space = pod.metadata.name_space;
    pods.push_back(find_running_pod(in_space, pod.metadata.name));
  }
  Output output(std::move(pods));
  PodWarnings warnings;
  std::map<std::string, std::string> ended;  // id -> phase
  bool interrupted = false;
  while (ended.size() < output.pods().size() && !interrupted) {
    output.wait();
    interrupted = is_pending(signals.get());
    for (const auto& pod : output.pods()) {
      const std::string phase = supervise::pod_phase(pod.paths);
      if (phase == "Succeeded" || phase == "Failed") ended[pod.plan.id] = phase;
    }
    output.print();
    for (const auto& pod : output.pods()) std::cerr << warnings.news(pod.paths, pod.name) << std::flush;
  }
  if (interrupted) std::cerr << "stopping; a second Ctrl-C does not hurry it: see tandem delete --now\n";
  std::vector<StoppingPod> stopping;
  for (const auto& pod : output.pods()) stopping.push_back({pod.name, pod.plan.id});
  begin_stops(session.roots, stopping, std::nullopt);
  bool failed = false;
  for (const auto& pod : output.pods()) {
    failed = failed || ended[pod.plan.id] == "Failed";
    supervise::stop_pod(session.roots, pod.plan.id, std::nullopt);
  }
  output.print();
  for (const auto& pod : output.pods())
    if (ended[pod.plan.id] == "Failed") say_failed(pod);
  for (const auto& pod : output.pods()) {
    const state::PodLock lock = lock_pod(session.roots, pod.name_space, pod.name);
    if (find_pod_id(session.roots, pod.name_space, pod.name) != pod.plan.id) continue;  // somebody else's by now
    supervise::delete_pod(session.roots, pod.plan.id, std::nullopt);
    state::remove_object(session.roots, {"Pod", pod.name_space, pod.name});
  }
  supervise::announce_names(session.roots);
  return interrupted ? 130 : failed ? 1 : 0;
}

void up(const Session& session, const UpOptions& options) {
  Problems problems;
  const manifest::Objects objects = decode_manifests(options.manifests, session, problems);
  // Before the first pod is made: a Ctrl-C from here on finds us ready to delete them.
  unique_fd signals;
  if (!options.detach) signals = signal_fd({SIGINT, SIGTERM, SIGHUP});
  for (const auto& applied : apply_objects(session, objects, std::move(problems), options.replace))
    std::cerr << applied.what << ' ' << applied.outcome << '\n';
  if (options.detach) {
    wait_until_ready(session, objects, options.timeout);
    return;
  }
  if (const int code = run_in_foreground(session, objects, signals); code != 0) throw Exit{code};
}

}  // namespace

Command up_command(const Session& session) {
  auto options = std::make_shared<UpOptions>();
  return {
      .name = "up",
      .help =
          "Launch pods and show their output until they end; Ctrl-C deletes them. With -d: wait until they are ready",
      .options = {filename_option(options->manifests),
                  validate_option(options->manifests),
                  {.names = "-d,--detach",
                   .help = "Return when the pods are ready, and leave them running",
                   .target = &options->detach},
                  {.names = "--replace",
                   .help = "Delete and launch anew the pods that differ from their manifest",
                   .target = &options->replace},
                  {.names = "--timeout",
                   .help = "With -d: how long to wait",
                   .target = &options->timeout,
                   .show_default = true}},
      .run = [&session, options] { up(session, *options); }};
}

}  // namespace tandem::cli
