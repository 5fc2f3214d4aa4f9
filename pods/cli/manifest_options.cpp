#include "pods/cli/manifest_options.hpp"

#include <iostream>

#include "core/os/error.hpp"
#include "pods/client/manifests.hpp"

namespace tandem::cli {

command_line::Option filename_option(ManifestOptions& options, bool required) {
  return {.names = "-f,--filename",
          .help = "Manifest: a file, a directory of them, or - for stdin; may be repeated",
          .target = &options.files,
          .value_name = "FILE",
          .required = required};
}

command_line::Option validate_option(ManifestOptions& options) {
  return {.names = "--validate",
          .help = "What to do with unknown and unsupported fields: strict refuses, warn says so and goes on, ignore",
          .target = &options.validate,
          .show_default = true,
          .choices = {"strict", "warn", "ignore"}};
}

void report(const Problems& problems) {
  if (problems.empty()) return;
  std::cerr << problems.text();
  if (problems.has_errors()) throw Exit{exit_code(Fault::input)};
}

manifest::Objects decode_manifests(const ManifestOptions& options, const Session& session, Problems& problems) {
  manifest::Options decoding;
  decoding.validation = options.validate == "strict" ? manifest::Validation::strict
                        : options.validate == "warn" ? manifest::Validation::warn
                                                     : manifest::Validation::ignore;
  decoding.name_space = session.name_space_or_default();
  decoding.only = !session.name_space.empty();
  return client::decode_files(options.files, decoding, problems);
}

manifest::Objects decode_or_exit(const ManifestOptions& options, const Session& session) {
  Problems problems;
  manifest::Objects objects = decode_manifests(options, session, problems);
  report(problems);
  return objects;
}

}  // namespace tandem::cli
