#include <CLI/CLI.hpp>
#include <iostream>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "pods/cli/commands.hpp"
#include "pods/cli/follow_log.hpp"
#include "pods/cli/running_pod.hpp"
#include "pods/state/pod_state.hpp"

namespace tandem::cli {

namespace {

struct Options {
  std::string pod, container;
  bool follow = false, previous = false, timestamps = false, all = false, prefix = false;
  std::int64_t tail = -1;
};

struct Followed {
  std::string container;
  LogReader reader;
  bool ended = false;
};

// As kubectl: -f ends with the run of the container that was there when it began.
bool has_ended(const RunningPod& pod, const Followed& followed) {
  const auto record = state::read_container_record(pod.paths, followed.container);
  return !record || record->attempt != followed.reader.attempt() || record->phase == state::ContainerPhase::exited;
}

int attempt_of(const RunningPod& pod, const std::string& container, bool previous) {
  const auto record = state::read_container_record(pod.paths, container);
  const int last = record ? record->attempt : -1;
  if (last < 0)
    throw Error(Fault::environment, "read the log of container", container, "it has not been started yet",
                "see: tandem describe pod " + pod.name);
  if (previous && last == 0)
    throw Error(Fault::user, "read the previous log of container", container, "it has been started only once");
  return previous ? last - 1 : last;
}

void write_out(std::string& out) {
  std::cout << out << std::flush;
  if (!std::cout) throw Exit{0};  // the reader has gone: nothing to report
  out.clear();
}

void print_logs(const Session& session, const Options& options) {
  const RunningPod pod = find_running_pod(session, options.pod);
  std::vector<std::string> containers;
  if (options.all)
    for (const auto& container : pod.plan.containers) containers.push_back(container.name);
  else
    containers.push_back(choose_container(pod, options.container).name);

  std::vector<Followed> followed;
  LogWatch watch;
  std::string out;
  for (const auto& name : containers) {
    const LogFormat format{options.timestamps, options.prefix ? "[pod/" + pod.name + "/" + name + "] " : ""};
    followed.push_back({name, LogReader(pod.paths, name, attempt_of(pod, name, options.previous), format), false});
    watch.add(pod.paths, name);
    LogReader& reader = followed.back().reader;
    if (options.tail >= 0) reader.skip_to_tail(static_cast<std::size_t>(options.tail));
    while (reader.read_more(out)) write_out(out);
  }
  if (!options.follow || options.previous) return;
  for (std::size_t open = followed.size(); open > 0;) {
    watch.wait(500);
    for (auto& one : followed) {
      if (one.ended) continue;
      const bool ended = has_ended(pod, one);  // asked first: what is read afterwards is all there will be
      while (one.reader.read_more(out)) write_out(out);
      if (!ended) continue;
      one.ended = true;
      --open;
    }
  }
}

}  // namespace

void add_logs(CLI::App& app, Session& session) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("logs", "Print what a container has written to stdout and stderr");
  command->add_option("pod", options->pod, "The pod's name")->required();
  command->add_option("container", options->container, "Container (default: the first main one)");
  command->add_option("-c,--container", options->container, "Container");
  command->add_flag("-f,--follow", options->follow, "Go on until the container ends");
  command->add_flag("-p,--previous", options->previous, "Of the run before the last restart");
  command->add_flag("--all-containers", options->all, "Of every container");
  command->add_flag("--prefix", options->prefix, "Begin each line with pod and container");
  command->add_flag("--timestamps", options->timestamps, "Begin each line with its time");
  command->add_option("--tail", options->tail, "Only the last N lines")->type_name("N");
  command->callback([&session, options] { print_logs(session, *options); });
}

}  // namespace tandem::cli
