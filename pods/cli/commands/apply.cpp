#include <iostream>
#include <memory>

#include "pods/cli/apply_manifests.hpp"
#include "pods/cli/commands.hpp"
#include "pods/cli/manifest_options.hpp"

namespace tandem::cli {

Command apply_command(const Session& session) {
  struct ApplyOptions {
    ManifestOptions manifests;
    bool replace = false;
  };
  auto options = std::make_shared<ApplyOptions>();
  return {.name = "apply",
          .help = "Launch the pods of manifests, and keep their other objects",
          .options = {filename_option(options->manifests),
                      validate_option(options->manifests),
                      {.names = "--replace",
                       .help = "Delete and launch anew the pods that differ from their manifest",
                       .target = &options->replace}},
          .run = [&session, options] {
            Problems problems;
            const manifest::Objects objects = decode_manifests(options->manifests, session, problems);
            for (const auto& applied : apply_manifests(session, objects, std::move(problems), options->replace))
              std::cout << applied.what << ' ' << applied.outcome << '\n';
          }};
}

}  // namespace tandem::cli
