#include <iostream>
#include <memory>

#include "core/os/error.hpp"
#include "pods/cli/commands.hpp"
#include "pods/client/pod_watch.hpp"
#include "pods/client/revival.hpp"
#include "pods/client/session.hpp"

namespace tandem::cli {

namespace {

struct WaitOptions {
  std::vector<std::string> pods;
  std::string condition = "condition=Ready", timeout = "30s";
};

Goal parse_goal(const std::string& text) {
  if (text == "delete") return Goal::deleted;
  if (text == "condition=Ready" || text == "condition=ready") return Goal::ready;
  if (text == "jsonpath={.status.phase}=Succeeded") return Goal::succeeded;
  throw Error(Fault::user, "wait for", text, "not known",
              "one of: condition=Ready, delete, jsonpath={.status.phase}=Succeeded");
}

void wait_for(const Session& session, const WaitOptions& options) {
  revive_pods(session);
  std::vector<PodName> names;
  for (const auto& name : options.pods) names.push_back(pod_name(session, name));
  const Goal goal = parse_goal(options.condition);
  wait_for_pods(
      session.roots, names, goal, parse_timeout(options.timeout), [&](const PodName& name, const std::string&) {
        std::cout << "pod/" << name.name << (goal == Goal::deleted ? " deleted" : " condition met") << std::endl;
      });
}

}  // namespace

Command wait_command(const Session& session) {
  auto options = std::make_shared<WaitOptions>();
  return {.name = "wait",
          .help = "Wait until pods are ready, have succeeded, or are deleted",
          .options =
              {{.names = "pods", .help = "pod/NAME or NAME, one or more", .target = &options->pods, .required = true},
               {.names = "--for",
                .help = "condition=Ready, delete, or jsonpath={.status.phase}=Succeeded",
                .target = &options->condition,
                .show_default = true},
               {.names = "--timeout",
                .help = "How long, for example 30s or 2m; 0 looks once",
                .target = &options->timeout,
                .show_default = true}},
          .run = [&session, options] { wait_for(session, *options); }};
}

}  // namespace tandem::cli
