#include "pods/cli/apply_manifests.hpp"

#include <iostream>

#include "core/os/error.hpp"
#include "pods/cli/manifest_options.hpp"
#include "pods/cli/notes.hpp"

namespace tandem::cli {

namespace {

// They cannot be used: planning them finds what else there is to mend.
[[noreturn]] void refuse_manifests(const Session& session, const manifest::Objects& objects, Problems problems) {
  try {
    client::foresee_plans(session.roots, objects, problems);
  } catch (const Error&) {  // the machine's fault, not theirs
  }
  report(problems);
  throw Exit{exit_code(Fault::input)};
}

}  // namespace

std::vector<client::Applied> apply_manifests(const Session& session, const manifest::Objects& objects,
                                             Problems problems, bool replace) {
  if (problems.has_errors()) refuse_manifests(session, objects, std::move(problems));
  if (objects.pods.empty() && objects.config_maps.empty() && objects.secrets.empty() && objects.services.empty()) {
    std::cerr << "error: no objects passed to apply\n";  // kubectl's words, and its code
    throw Exit{1};
  }
  client::Application application(session.roots, objects, notes());
  application.plan(problems);
  report(problems);
  return application.carry_out(replace);
}

}  // namespace tandem::cli
