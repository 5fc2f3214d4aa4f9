#include <CLI/CLI.hpp>
#include <iostream>

#include "pods/cli/commands.hpp"
#include "pods/cli/launch.hpp"
#include "pods/cli/manifests.hpp"

namespace tandem::cli {

void add_apply(CLI::App& app, Session& session) {
  struct Options {
    ManifestOptions manifests;
    bool replace = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("apply", "Launch the pods of manifests, and keep their other objects");
  add_manifest_options(*command, options->manifests);
  command->add_flag("--replace", options->replace, "Delete and launch anew the pods that differ from their manifest");
  command->callback([&session, options] {
    const manifest::Objects objects = decode_or_exit(options->manifests, session);
    for (const auto& applied : apply_objects(session, objects, options->replace))
      std::cout << applied.what << ' ' << applied.outcome << '\n';
  });
}

}  // namespace tandem::cli
