#include <memory>

#include "pods/cli/commands.hpp"
#include "pods/cli/notes.hpp"
#include "pods/cli/session.hpp"
#include "pods/cli/streams.hpp"
#include "pods/client/container_logs.hpp"
#include "pods/client/revival.hpp"

namespace tandem::cli {

namespace {

struct LogsOptions {
  std::string pod, container;
  bool follow = false, previous = false, timestamps = false, all = false, prefix = false;
  std::int64_t tail = -1;
};

void print_logs(const Session& session, const LogsOptions& options) {
  client::revive_pods(session.roots, notes());
  const client::RunningPod pod = client::find_running_pod(session.roots, session.name_space_or_default(), options.pod);
  client::LogsWanted wanted{{}, options.follow, options.previous, options.timestamps, options.prefix, options.tail};
  if (options.all)
    for (const auto& container : pod.plan.containers) wanted.containers.push_back(container.name);
  else
    wanted.containers.push_back(client::choose_container(pod, options.container, notes()).name);
  client::write_logs(pod, wanted, write_container_output, notes("tandem logs: "));
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
