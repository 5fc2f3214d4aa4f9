#include <poll.h>

#include <csignal>
#include <iostream>
#include <memory>

#include "core/os/check.hpp"
#include "core/os/signals.hpp"
#include "pods/cli/apply_manifests.hpp"
#include "pods/cli/commands.hpp"
#include "pods/cli/manifest_options.hpp"
#include "pods/cli/notes.hpp"
#include "pods/cli/streams.hpp"
#include "pods/client/foreground.hpp"
#include "pods/client/pod_watch.hpp"

namespace tandem::cli {

namespace {

struct UpOptions {
  ManifestOptions manifests;
  bool detach = false, replace = false;
  std::string timeout = "60s";
};

std::vector<client::PodName> names_of(const manifest::Objects& objects) {
  std::vector<client::PodName> names;
  for (const auto& pod : objects.pods) names.push_back({pod.metadata.name_space, pod.metadata.name});
  return names;
}

// A pod that runs to its end is as good when it has succeeded: its readiness is over by then.
void wait_until_ready(const Session& session, const manifest::Objects& objects, const std::string& timeout) {
  client::wait_for_pods(session.roots, names_of(objects), client::Goal::ready_or_succeeded,
                        client::parse_timeout(timeout), [](const client::PodName& pod, const std::string& how) {
                          std::cout << "pod/" << pod.name << ' ' << how << std::endl;
                        });
}

bool is_pending(int signal_fd) {
  pollfd polled{signal_fd, POLLIN, 0};
  return attempt([&] { return ::poll(&polled, 1, 0); }) > 0;
}

int run_in_foreground(const Session& session, const manifest::Objects& objects, const unique_fd& signals) {
  std::vector<client::RunningPod> pods;
  for (const auto& pod : objects.pods)
    pods.push_back(client::find_running_pod(session.roots, pod.metadata.name_space, pod.metadata.name));
  switch (client::run_in_foreground(
      session.roots, std::move(pods), [&] { return is_pending(signals.get()); }, write_container_output, notes())) {
    case client::Ended::succeeded:
      return 0;
    case client::Ended::failed:
      return 1;
    case client::Ended::interrupted:
      return 130;
  }
  return 0;
}

void up(const Session& session, const UpOptions& options) {
  Problems problems;
  const manifest::Objects objects = decode_manifests(options.manifests, session, problems);
  // Before the first pod is made: a Ctrl-C from here on finds us ready to delete them.
  unique_fd signals;
  if (!options.detach) signals = signal_fd({SIGINT, SIGTERM, SIGHUP});
  for (const auto& applied : apply_manifests(session, objects, std::move(problems), options.replace))
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
