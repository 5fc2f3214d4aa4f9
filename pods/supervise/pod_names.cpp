// The pod's part in the table of names: it looks whether there is another when it is asked for a name, and has it made
// anew when its own readiness changes.
#include <utility>

#include "core/os/error.hpp"
#include "pods/supervise/client.hpp"
#include "pods/supervise/keeper_log.hpp"
#include "pods/supervise/names_file.hpp"
#include "pods/supervise/pod_driver.hpp"

namespace tandem::supervise {

void PodDriver::follow_names() {
  const NamesVersion there = names_version(roots_);
  if (std::exchange(names_seen_, there) == there) return;
  auto names = read_names(roots_);
  try {
    if (!names && try_announce_names(roots_)) names = read_names(roots_);  // it was damaged
  } catch (const Error& error) {
    log(Level::warning, error.what());
  }
  if (names) inside_->name_server()->set_names(*names);
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
