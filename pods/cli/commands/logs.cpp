#include <iostream>
#include <memory>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "pods/cli/commands.hpp"
#include "pods/cli/streams.hpp"
#include "pods/client/follow_log.hpp"
#include "pods/client/revival.hpp"
#include "pods/client/running_pod.hpp"
#include "pods/state/pod_state.hpp"

namespace tandem::cli {

namespace {

struct LogsOptions {
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
  if (!write_container_output(out)) throw Exit{0};  // the reader has gone: nothing to report
  out.clear();
}

void write_more(LogReader& reader, std::string& out) {
  while (reader.read_more(out)) {
    write_out(out);
    if (const std::string loss = reader.take_loss(); !loss.empty()) std::cerr << "tandem logs: " << loss << std::endl;
  }
}

void print_logs(const Session& session, const LogsOptions& options) {
  revive_pods(session);
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
    const state::LogFormat format{options.timestamps, options.prefix ? "[pod/" + pod.name + "/" + name + "] " : ""};
    followed.push_back({name, LogReader(pod.paths, name, attempt_of(pod, name, options.previous), format), false});
    watch.add(pod.paths, name);
    LogReader& reader = followed.back().reader;
    if (options.tail >= 0) reader.skip_to_tail(static_cast<std::size_t>(options.tail));
    write_more(reader, out);
  }
  if (!options.follow || options.previous) return;
  for (std::size_t open = followed.size(); open > 0;) {
    watch.wait(500);
    for (auto& one : followed) {
      if (one.ended) continue;
      const bool ended = has_ended(pod, one);  // asked first: what is read afterwards is all there will be
      write_more(one.reader, out);
      if (!ended) continue;
      one.ended = true;
      --open;
    }
  }
}

}  // namespace

Command logs_command(const Session& session) {
  auto options = std::make_shared<LogsOptions>();
  return {
      .name = "logs",
      .help =
          "Print what a container has written to stdout and stderr, of its newest log file (10 MiB), as kubectl does",
      .options =
          {{.names = "pod", .help = "The pod's name", .target = &options->pod, .required = true},
           {.names = "container", .help = "Container (default: the first main one)", .target = &options->container},
           {.names = "-c,--container", .help = "Container", .target = &options->container},
           {.names = "-f,--follow", .help = "Go on until the container ends", .target = &options->follow},
           {.names = "-p,--previous", .help = "Of the run before the last restart", .target = &options->previous},
           {.names = "--all-containers", .help = "Of every container", .target = &options->all},
           {.names = "--prefix", .help = "Begin each line with pod and container", .target = &options->prefix},
           {.names = "--timestamps", .help = "Begin each line with its time", .target = &options->timestamps},
           {.names = "--tail", .help = "Only the last N lines", .target = &options->tail, .value_name = "N"}},
      .run = [&session, options] { print_logs(session, *options); }};
}

}  // namespace tandem::cli
