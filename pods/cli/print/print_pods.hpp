// Pods as kubectl prints them, from v1 Pods with status. Pure, but for the clock when no time is given. What is missing
// or of a wrong type in the JSON is shown as absent: nothing here throws for it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "pods/cli/print/age.hpp"

namespace tandem::print {

struct TableOptions {
  bool wide = false;
  bool no_headers = false;
  bool all_namespaces = false;
  std::optional<Time> now = std::nullopt;  // default: the clock
};

// NAME READY STATUS RESTARTS AGE; wide: IP NODE too; all namespaces: NAMESPACE first.
std::string pod_table(const std::vector<nlohmann::ordered_json>& pods, const TableOptions& options);

// kubectl describe pod; `events` are v1 Events, in any order.
std::string describe_pod(const nlohmann::ordered_json& pod, const std::vector<nlohmann::ordered_json>& events,
                         std::optional<Time> now = std::nullopt);

}  // namespace tandem::print
