#include <sys/prctl.h>

#include "core/os/files.hpp"
#include "pods/plan/plan_json.hpp"
#include "pods/state/pod_state.hpp"
#include "pods/state/recovery.hpp"
#include "pods/supervise/keeper.hpp"
#include "pods/supervise/lock_owner.hpp"
#include "pods/supervise/pod_driver.hpp"

namespace tandem::supervise {

int run_supervisor(const std::filesystem::path& run_directory) {
  ::prctl(PR_SET_NAME, "tandem-superv", 0, 0, 0);
  const state::Roots roots = state::read_roots(run_directory);
  const state::PodPaths paths(roots, run_directory.filename().string());
  unique_fd lock = lock_file(paths.supervisor_lock());
  write_lock_owner(lock.get());
  lock.release();  // held until this process is gone: whoever waits for the lock waits for that
  state::PodState state;
  if (const auto record = state::read_pod_record(paths)) state.pod = *record;
  if (state.pod.finished && state.pod.cleaned) return 0;
  plan::Plan plan = plan::read_plan(read_file(paths.plan()));
  for (const plan::Container& container : plan.containers) {
    state.containers.push_back(state::read_container_record(paths, container.name).value_or(state::ContainerRecord{}));
  }
  PodDriver driver(roots, paths, std::move(plan), std::move(state));
  driver.run();
  return 0;
}

}  // namespace tandem::supervise
