#include <chrono>
#include <iostream>
#include <memory>
#include <optional>

#include "core/os/error.hpp"
#include "pods/cli/commands.hpp"
#include "pods/cli/last_words.hpp"
#include "pods/cli/manifest_options.hpp"
#include "pods/cli/notes.hpp"
#include "pods/client/deletion.hpp"
#include "pods/client/pod_access.hpp"

namespace tandem::cli {

namespace {

struct DeleteOptions {
  ManifestOptions manifests;
  std::vector<std::string> names;  // KIND NAME..., or KIND/NAME...
  std::int64_t grace_seconds = -1;
  bool now = false, all = false, ignore_missing = false;
};

std::optional<std::chrono::seconds> grace_of(const DeleteOptions& options) {
  if (options.now) return std::chrono::seconds(1);
  if (options.grace_seconds >= 0) return std::chrono::seconds(options.grace_seconds);
  return std::nullopt;
}

void delete_objects(const Session& session, const DeleteOptions& options) {
  client::require_root("delete pods");
  const bool from_files = !options.manifests.files.empty();
  if (from_files == !options.names.empty())
    throw Error(Fault::user, "delete", "", from_files ? "names and -f together" : "nothing is named",
                "delete pod NAME..., or delete -f FILE");
  std::vector<client::Target> targets = from_files
                                            ? client::targets_of(decode_or_exit(options.manifests, session))
                                            : client::targets_of(session.roots, session.name_space_or_default(),
                                                                 client::parse_names(options.names, options.all));
  const auto grace = grace_of(options);
  client::begin_stops(session.roots, targets, grace, notes());
  int missing = 0;
  LastWords last_words;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    last_words.change(client::unfinished(targets, i));
    const client::Target& target = targets[i];
    const std::string shown = std::string(client::short_name(target.kind)) + " \"" + target.name + "\"";
    if (client::remove(session.roots, target, grace, notes())) {
      std::cout << shown << " deleted" << std::endl;
    } else if (!options.ignore_missing) {
      std::cerr << "error: " << shown << " not found in namespace " << target.name_space << '\n';
      ++missing;
    }
  }
  last_words.change("");
  if (targets.empty()) std::cout << "No resources found\n";  // kubectl's words; and no name has changed
  client::end_deletion(session.roots, targets, notes());
  if (missing > 0) throw Exit{1};
}

}  // namespace

Command delete_command(const Session& session) {
  auto options = std::make_shared<DeleteOptions>();
  return {.name = "delete",
          .help = "Stop and remove pods and other objects: delete pod NAME..., delete -f FILE",
          .options = {{.names = "names", .help = "KIND NAME..., or KIND/NAME...", .target = &options->names},
                      filename_option(options->manifests, false),
                      validate_option(options->manifests),
                      {.names = "--grace-period",
                       .help = "Seconds until SIGKILL (default: the pod's own); 0: at once",
                       .target = &options->grace_seconds,
                       .value_name = "SECONDS",
                       .non_negative = true},
                      {.names = "--now", .help = "The same as --grace-period=1", .target = &options->now},
                      {.names = "--all", .help = "All objects of this kind in the namespace", .target = &options->all},
                      {.names = "--ignore-not-found",
                       .help = "What is not there is no error",
                       .target = &options->ignore_missing}},
          .run = [&session, options] { delete_objects(session, *options); }};
}

}  // namespace tandem::cli
