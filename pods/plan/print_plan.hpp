// What `tandem plan` shows: everything that would be done for a pod, in the order it would be done.
#pragma once

#include <string>

#include "pods/plan/plan.hpp"

namespace tandem::plan {

// Secret values are "***".
std::string print_plan(const Plan& plan);

}  // namespace tandem::plan
