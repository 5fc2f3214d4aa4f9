// The Plan as JSON: what lies in a pod's plan.json, and what goes to the supervisor.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "pods/plan/plan.hpp"
#include "pods/state/layout.hpp"

namespace tandem::plan {

// Exact: plan_from_json(to_json(p)) is p. Durations are in seconds, sizes in bytes, CPU in millicores,
// VolumeFile.content in base64; the pod stands in it as JSON, not as a string. Absent optional values are left out.
nlohmann::ordered_json to_json(const Plan& plan);

// A missing key keeps its default, an unknown one is skipped (a Plan on disk may be older or newer than this program).
// A wrong type or an unknown choice throws Error{environment} that names the key.
Plan plan_from_json(const nlohmann::ordered_json& json);

// The same as text, for programs that do not use the JSON library themselves.
std::string write_plan(const Plan& plan);
Plan read_plan(std::string_view text);

// plan.json of that pod. Throws Error{environment} that names the file when it is missing, damaged, or another pod's.
Plan read_pod_plan(const state::PodPaths& paths);

// For showing: every secret value and every file of a secret volume is "***".
Plan masked(Plan plan);

}  // namespace tandem::plan
