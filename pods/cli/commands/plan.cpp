#include <iostream>
#include <memory>

#include "core/os/error.hpp"
#include "pods/cli/commands.hpp"
#include "pods/cli/manifest_options.hpp"
#include "pods/client/apply.hpp"
#include "pods/plan/plan_json.hpp"
#include "pods/plan/print_plan.hpp"

namespace tandem::cli {

namespace {

struct PlanOptions {
  ManifestOptions manifests;
  std::string output = "text";
};

void print_plans(const Session& session, const PlanOptions& options) {
  Problems problems;
  const manifest::Objects objects = decode_manifests(options.manifests, session, problems);
  const bool readable = !problems.has_errors();
  std::vector<plan::Plan> plans;
  try {
    for (auto& plan : client::foresee_plans(session.roots, objects, problems))
      plans.push_back(plan::masked(std::move(plan)));
  } catch (const Error&) {
    report(problems);  // what is wrong with the manifests is not hidden by what is wrong with the machine
    throw;
  }
  // What is missing beyond images would make holes in the Plans that nobody sees.
  if (readable && plans.size() == objects.pods.size()) {
    for (const auto& plan : plans)
      std::cout << (options.output == "json" ? plan::write_plan(plan) + "\n" : plan::print_plan(plan));
    std::cout.flush();
  }
  report(problems);
  if (objects.pods.empty()) std::cerr << "no Pod in these manifests\n";
}

}  // namespace

Command plan_command(const Session& session) {
  auto options = std::make_shared<PlanOptions>();
  return {
      .name = "plan",
      .help =
          "Print what apply would do, without doing it; needs no root and no images: missing ones are told, exit 65",
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
