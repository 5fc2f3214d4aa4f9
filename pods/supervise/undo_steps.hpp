// Everything that will have to be undone for a pod, known from its Plan before anything is done.
#pragma once

#include <vector>

#include "pods/plan/plan.hpp"
#include "pods/state/layout.hpp"
#include "pods/state/undo_record.hpp"

namespace tandem::supervise {

// In the order of creation. Written as one batch: a step that is never taken has an undo that finds nothing.
std::vector<state::UndoStep> undo_steps(const plan::Plan& plan, const state::Roots& roots);

}  // namespace tandem::supervise
