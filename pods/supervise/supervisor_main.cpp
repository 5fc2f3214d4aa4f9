#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "core/os/check.hpp"
#include "core/os/files.hpp"
#include "pods/plan/plan_json.hpp"
#include "pods/state/events.hpp"
#include "pods/state/roots_file.hpp"
#include "pods/supervise/client.hpp"
#include "pods/supervise/keeper.hpp"
#include "pods/supervise/keeper_log.hpp"
#include "pods/supervise/lock_owner.hpp"
#include "pods/supervise/pod_driver.hpp"
#include "pods/supervise/stored_state.hpp"

namespace tandem::supervise {
namespace {

// What is known in another way is written anew.
void tell(const std::vector<std::string>& damage, const plan::Plan& plan, const state::PodPaths& paths) {
  if (damage.empty()) return;
  state::EventLog events(paths, {plan.uid, plan.name, plan.name_space, plan.node_name});
  for (const std::string& text : damage) {
    log(Level::error, text);
    events.append(true, "DamagedFile", text + "; going on with what the pod's status and processes tell", "",
                  state::wall_clock());
  }
}

}  // namespace

int run_supervisor(const std::filesystem::path& run_directory, int ready) {
  if (ready >= 0) ::fcntl(ready, F_SETFD, FD_CLOEXEC);
  ::prctl(PR_SET_NAME, "tandem-superv", 0, 0, 0);
  const state::Roots roots = state::read_roots(run_directory);
  const state::PodPaths paths(roots, run_directory.filename().string());
  plan::Plan plan = plan::read_pod_plan(paths);  // before the lock, which says that somebody takes care of the pod
  unique_fd lock = lock_file(paths.supervisor_lock());
  write_lock_owner(lock.get());
  lock.release();  // held until this process is gone: whoever waits for the lock waits for that
  StoredState stored = read_stored_state(plan, paths);
  tell(stored.damage, plan, paths);
  if (stored.state.pod.finished && stored.state.pod.cleaned) {
    if (has_status(paths)) return 0;
    stored.state.pod.cleaned = false;  // its status is damaged: the end once more, which writes it
  }
  PodDriver driver(roots, paths, std::move(plan), std::move(stored.state));
  if (ready >= 0) attempt([&] { return ::write(ready, "s", 1); });
  driver.run();
  return 0;
}

}  // namespace tandem::supervise
