// What a pod's containers share, made in order; and this process' place in it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/os/unique_fd.hpp"
#include "pods/network/name_server.hpp"
#include "pods/plan/plan.hpp"
#include "pods/state/layout.hpp"

namespace tandem::supervise {

// Everything but the containers. Idempotent; the undo steps (undo_steps.hpp) must be on disk. Returns warnings. The
// caller must be in the host's namespaces.
std::vector<std::string> create_sandbox(const plan::Plan& plan, const state::Roots& roots,
                                        const state::PodPaths& paths);

// While it lives, this process is in the pod's network namespace: probes connect from there, and names are answered
// there.
class InsidePod {
 public:
  InsidePod(const plan::Plan& plan, const state::PodPaths& paths, network::Names names);
  ~InsidePod();  // back to the host's network
  InsidePod(const InsidePod&) = delete;
  InsidePod& operator=(const InsidePod&) = delete;

  network::NameServer* name_server() { return server_ ? &*server_ : nullptr; }  // null: this pod has none

 private:
  unique_fd host_network_;
  std::optional<network::NameServer> server_;
};

}  // namespace tandem::supervise
