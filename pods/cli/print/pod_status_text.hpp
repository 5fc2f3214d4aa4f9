// The columns READY, STATUS and RESTARTS: kubectl's printPod (kubernetes/pkg/printers/internalversion/printers.go).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "pods/cli/print/age.hpp"

namespace tandem::print {

struct PodStatusText {
  int ready = 0, total = 0;  // native sidecars count
  std::string status;        // "Running", "Init:0/1", "CrashLoopBackOff", "Completed", "Terminating", ...
  int restarts = 0;
  std::string last_restart;  // when the last run before a restart ended; empty: never
};

PodStatusText status_text(const nlohmann::ordered_json& pod);

}  // namespace tandem::print
