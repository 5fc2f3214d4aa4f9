// The v1 Pod with its status, as Kubernetes has it, from Plan and state. Pure.
#pragma once

#include <memory>
#include <string>

#include "pods/plan/plan.hpp"
#include "pods/state/pod_state.hpp"

namespace tandem::supervise {

// kubelet's getPhase: Pending, Running, Succeeded, Failed. The last two only when nothing runs any more.
const char* pod_phase(const plan::Plan& plan, const state::PodState& state);

const char* qos_class(const plan::Plan& plan);  // Guaranteed, Burstable, BestEffort

class PodStatus {
 public:
  explicit PodStatus(const plan::Plan& plan);  // the Plan must outlive it
  ~PodStatus();
  std::string render(const state::PodState& state) const;  // JSON of the whole Pod, one line

 private:
  struct Document;
  const plan::Plan& plan_;
  std::unique_ptr<Document> document_;
};

}  // namespace tandem::supervise
