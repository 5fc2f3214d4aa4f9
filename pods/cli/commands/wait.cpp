#include <iostream>
#include <memory>

#include "pods/cli/commands.hpp"
#include "pods/cli/notes.hpp"
#include "pods/cli/session.hpp"
#include "pods/client/pod_watch.hpp"
#include "pods/client/revival.hpp"

namespace tandem::cli {

namespace {

struct WaitOptions {
  std::vector<std::string> pods;
  std::string condition = "condition=Ready", timeout = "30s";
};

void wait_for(const Session& session, const WaitOptions& options) {
  client::revive_pods(session.roots, notes());
  std::vector<client::PodName> names;
  for (const auto& name : options.pods) names.push_back(client::pod_name(session.name_space_or_default(), name));
  const client::Goal goal = client::parse_goal(options.condition);
  client::wait_for_pods(session.roots, names, goal, client::parse_timeout(options.timeout),
                        [&](const client::PodName& name, const std::string&) {
                          std::cout << "pod/" << name.name
                                    << (goal == client::Goal::deleted ? " deleted" : " condition met") << std::endl;
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
