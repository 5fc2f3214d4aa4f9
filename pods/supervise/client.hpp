// Pods from outside: launching, asking, stopping, deleting. For the CLI, which must be in the host's namespaces.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pods/plan/plan.hpp"
#include "pods/state/layout.hpp"

namespace tandem::supervise {

constexpr int guardians_oom_score_adj = -999;  // of keeper and supervisor, where the kernel lets us: kubelet's own

// Writes the pod's directories, Plan, undo record and name, and starts its keeper, detached from this process: a
// session of its own, no descriptor of ours, stderr to keeper.log. Returns when the supervisor is about to begin.
// Throws Error{user} when a pod of that name is there; when anything fails, also in keeper or supervisor, nothing is
// left. `pod_lock`: of a state::PodLock; the keeper holds it with the caller until it has its own, so that a caller who
// dies meanwhile leaves no pod that nobody sees. -1: none.
void launch_keeper(const state::Roots& roots, const plan::Plan& plan, int pod_lock = -1);

// A pod that has been started, has not ended, and has neither keeper nor supervisor: nobody sees what becomes of it.
bool lacks_guardians(const state::PodPaths& paths);

// Why nobody sees what becomes of a pod although its guardians live: they are stopped (SIGSTOP) or frozen; with what a
// person types to let them go on. A keeper is missed only where no supervisor lives. Or the supervisor does not come
// up, and what it said. Empty: it is not so.
std::string why_unseen(const state::Roots& roots, const std::string& id);

// What keeper or supervisor last could not do, by keeper.log; nullopt: nothing.
struct KeeperError {
  std::string time, text;         // RFC 3339
  bool is_of_last_start = false;  // no supervisor has been started since
};
std::optional<KeeperError> last_keeper_error(const state::PodPaths& paths);

// Starts a keeper again for a pod whose keeper is dead; its supervisor adopts what runs. One that lives is left alone.
// Returns when the supervisor has looked at the pod; throws Error{environment} when it does not come up, which the
// keeper goes on trying. The caller holds the pod's state::PodLock.
void revive_keeper(const state::Roots& roots, const std::string& id);

// Asks the supervisor to stop the pod and waits until it and its keeper have ended. `grace`: nullopt is the pod's own.
// A supervisor that does not answer, or takes 15 s longer than its grace period, is killed with all the pod's
// processes. A pod that is frozen is thawed for it, and stopped guardians go on; one that is frozen from above, with
// others, is killed at once.
void stop_pod(const state::Roots& roots, const std::string& id, std::optional<std::chrono::seconds> grace);

// Asks once, and does not wait: several pods end side by side, and what somebody else waits for may end sooner by it.
void hasten_stop(const state::Roots& roots, const std::string& id, std::optional<std::chrono::seconds> grace);

// Whether there is a pod that has been started, or has ended; false: what a launch that was cut off has left.
bool was_started(const state::PodPaths& paths);

// Whether its deletion was begun, which whoever changes the pod next has to finish: by delete_pod, or by a stop alone
// (`delete` tells all its pods to stop before it deletes the first).
bool is_being_deleted(const state::PodPaths& paths);

// What pods share and none uses any more: the cgroup above theirs at once; the bridge, its rules, and links that
// somebody holds, a second after the call by a process of its own, which nobody waits for. delete_pod does it, too.
// Whoever finds them after a death of that process does it again. Returns what the last one could not remove; empty:
// nothing.
std::string remove_unused_later(const state::Roots& roots);

// stop_pod, then undoes everything and removes directories and name. To be called under the pod's state::PodLock, and
// before its stored object is removed: cut off at any step it leaves a pod that is_being_deleted, or one that was not
// even started. Idempotent; works when keeper and supervisor are
// dead. Throws Error{environment} when something could not be undone: what is left is named, and it can be called
// again. Files of the pod that are damaged or missing do not keep it from anything; returns what nobody knows for that
// reason whether it is left behind: damaged lines of the undo record.
std::vector<std::string> delete_pod(const state::Roots& roots, const std::string& id,
                                    std::optional<std::chrono::seconds> grace);

// What is wrong with plan.json, so that no supervisor can take care of the pod; empty: nothing.
std::string plan_damage(const state::PodPaths& paths);
// The same for every file of the pod that is damaged or missing, its name in each text.
std::vector<std::string> damage_of(const state::PodPaths& paths);

// "Pending", "Running", "Succeeded", "Failed", as in status.json; "Unknown" when the pod is not finished and nobody
// supervises it; empty when there is no such pod.
std::string pod_phase(const state::PodPaths& paths);

// The v1 Pod with status as the supervisor last wrote it; nullopt: none yet; empty: what is there cannot be read.
std::optional<std::string> read_pod_status(const state::PodPaths& paths);
bool has_status(const state::PodPaths& paths);     // and it is a v1 Pod's, not damaged
bool has_ended(const state::PodPaths& paths);      // Succeeded or Failed
bool is_supervised(const state::PodPaths& paths);  // a keeper or a supervisor lives

// "keeper", "supervisor" and each running container with its process on the host; left out are the dead, and containers
// whose record is damaged.
std::vector<std::pair<std::string, pid_t>> processes_of(const state::PodPaths& paths, const plan::Plan& plan);

// Running containers that their stop signal will not end, with its name: process 1 of a pid namespace to which a signal
// means nothing, and that has no preStop hook which could end it otherwise.
std::vector<std::pair<std::string, std::string>> deaf_containers(const state::PodPaths& paths, const plan::Plan& plan);

// Makes RUN/names.json anew from the Services on disk and the pods' status; supervisors look at that file when they are
// asked. To be called when Services or pods have come or gone; supervisors call it themselves when their pod's
// readiness changes.
void announce_names(const state::Roots& roots);
bool try_announce_names(const state::Roots& roots);  // false: another is at it just now; try again

// One request to the pod's API: the code and the body; nullopt: nobody answers. Waits at most `timeout`.
struct ApiAnswer {
  int code = 0;
  std::string body;
};
std::optional<ApiAnswer> call_api(const state::PodPaths& paths, const std::string& method, const std::string& target,
                                  std::chrono::milliseconds timeout = std::chrono::seconds(5));

}  // namespace tandem::supervise
