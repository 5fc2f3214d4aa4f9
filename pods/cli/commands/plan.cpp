#include <iostream>
#include <memory>

#include "pods/cli/commands.hpp"
#include "pods/cli/host_facts.hpp"
#include "pods/cli/manifests.hpp"
#include "pods/plan/plan_json.hpp"
#include "pods/plan/plan_pod.hpp"
#include "pods/plan/print_plan.hpp"

namespace tandem::cli {

namespace {

// What is only known when the pod is applied.
constexpr const char* uid_later = "00000000-0000-4000-8000-000000000000";

struct PlanOptions {
  ManifestOptions manifests;
  std::string output = "text";
};

void print_plans(const Session& session, const PlanOptions& options) {
  const manifest::Objects objects = decode_or_exit(options.manifests, session);
  HostFacts facts(session, objects);
  Problems problems;
  std::vector<plan::Plan> plans;
  for (const auto& pod : objects.pods)
    if (auto plan = plan::plan_pod(pod, facts.for_pod(pod, uid_later, address_later), problems))
      plans.push_back(plan::masked(std::move(*plan)));
  report(problems);
  if (plans.empty()) std::cerr << "no Pod in these manifests\n";
  for (const auto& plan : plans)
    std::cout << (options.output == "json" ? plan::write_plan(plan) + "\n" : plan::print_plan(plan));
}

}  // namespace

Command plan_command(const Session& session) {
  auto options = std::make_shared<PlanOptions>();
  return {.name = "plan",
          .help = "Print what apply would do, without doing it; needs no root",
          .options = {filename_option(options->manifests),
                      validate_option(options->manifests),
                      {.names = "-o,--output",
                       .help = "text or json",
                       .target = &options->output,
                       .show_default = true,
                       .choices = {"text", "json"}}},
          .run = [&session, options] { print_plans(session, *options); }};
}

}  // namespace tandem::cli
