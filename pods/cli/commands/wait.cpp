#include <CLI/CLI.hpp>
#include <iostream>

#include "core/os/error.hpp"
#include "pods/cli/commands.hpp"
#include "pods/cli/pod_watch.hpp"
#include "pods/cli/session.hpp"

namespace tandem::cli {

namespace {

struct Options {
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

}  // namespace

void add_wait(CLI::App& app, Session& session) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("wait", "Wait until pods are ready, have succeeded, or are deleted");
  command->add_option("pods", options->pods, "pod/NAME or NAME, one or more")->required();
  command->add_option("--for", options->condition, "condition=Ready, delete, or jsonpath={.status.phase}=Succeeded")
      ->capture_default_str();
  command->add_option("--timeout", options->timeout, "How long, for example 30s or 2m; 0 looks once")
      ->capture_default_str();
  command->callback([&session, options] {
    std::vector<PodName> names;
    for (const auto& name : options->pods) names.push_back(pod_name(session, name));
    const Goal goal = parse_goal(options->condition);
    wait_for_pods(session.roots, names, goal, parse_timeout(options->timeout), [&](const PodName& name) {
      std::cout << "pod/" << name.name << (goal == Goal::deleted ? " deleted" : " condition met") << std::endl;
    });
  });
}

}  // namespace tandem::cli
