// What `apply` and `up` have in common: manifests applied, and every problem of theirs told in one round.
#pragma once

#include <vector>

#include "core/config/problem.hpp"
#include "pods/cli/session.hpp"
#include "pods/client/apply.hpp"

namespace tandem::cli {

// `problems`: what decoding the objects has found. Plans every pod first: with an error in any, or in the manifests,
// all are reported at once, nothing is changed, and Exit{65} is thrown; Exit{1} when there is no object at all.
// Warnings are reported before anything is changed. `replace`: see client::Application::carry_out.
std::vector<client::Applied> apply_manifests(const Session& session, const manifest::Objects& objects,
                                             Problems problems, bool replace);

}  // namespace tandem::cli
