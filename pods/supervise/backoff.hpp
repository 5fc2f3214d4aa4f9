// kubelet's CrashLoopBackOff (client-go util/flowcontrol/backoff.go, kuberuntime doBackOff): the first end of a
// container starts it again at once; then 10 s after the end, doubling to 5 min; a run that ends more than 10 min after
// its start forgets the past. The state lies in the container's record.
#pragma once

#include "pods/state/pod_state.hpp"

namespace tandem::supervise {

using state::Time;
using std::chrono::milliseconds;

inline constexpr milliseconds first_backoff = std::chrono::seconds(10);
inline constexpr milliseconds longest_backoff = std::chrono::minutes(5);
inline constexpr milliseconds backoff_forgotten_after = 2 * longest_backoff;

// When a container that ended at `ended` may start again; not after `ended`: at once.
Time backoff_until(const state::ContainerRecord& record, Time ended);

// To be called when it is started again at `now` after its end at `ended`.
void advance_backoff(state::ContainerRecord& record, Time ended, Time now);

}  // namespace tandem::supervise
