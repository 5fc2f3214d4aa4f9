// The pod's part in the table of names: it follows the table, and has it made anew when its own readiness changes.
#include "core/os/error.hpp"
#include "pods/supervise/client.hpp"
#include "pods/supervise/keeper_log.hpp"
#include "pods/supervise/names_file.hpp"
#include "pods/supervise/pod_driver.hpp"

namespace tandem::supervise {

void PodDriver::reload_names() {
  if (!inside_ || !inside_->name_server()) return;
  // A damaged table tells nothing new; whoever announces next replaces it.
  if (const auto names = read_names(roots_)) inside_->name_server()->set_names(*names);
}

void PodDriver::announce() {
  const state::PodRecord& pod = supervisor_.state().pod;
  const std::string now = std::string(pod.ready ? "ready " : "") + (pod.sandbox_ready ? "address " : "") +
                          (pod.finished ? "finished " : "") + (supervisor_.stopping() ? "stopping" : "");
  if (now == announced_ || announce_retry_) return;
  bool done = false;
  try {
    done = try_announce_names(roots_);
  } catch (const Error& error) {
    log(Level::warning, std::string(error.what()) + ", retrying");
  }
  if (done) {
    announced_ = now;
  } else {
    announce_retry_ = loop_.after(std::chrono::milliseconds(50), [this] {
      announce_retry_ = 0;
      announce();
    });
  }
}

}  // namespace tandem::supervise
