// The keeper: the supervisor's parent and the pod's subreaper. It starts the supervisor again when it dies, writes down
// how orphans ended (exits/PID.json), holds the output FIFOs open so that what nobody has read yet outlives its writer,
// and passes SIGTERM on. Nothing else: what does little seldom dies.
#pragma once

#include <csignal>
#include <filesystem>

namespace tandem::supervise {

// To the supervisor: another exits/PID.json has been written.
constexpr int exit_written_signal = SIGUSR1;

// What a keeper is handed. -1: it is not.
struct KeeperDescriptors {
  int ready = -1;  // stays the caller's; one byte is written when the supervisor is ready. If that ends before in a new
                   // pod, so does the keeper
  int pod_lock = -1;  // the launcher's state::PodLock, closed then
  int own_lock = -1;  // the keeper's lock, held already: by the supervisor that became this keeper
};

// Returns the exit code: 0 when the pod is finished and cleaned up, 69 when another keeper holds the lock.
int run_keeper(const std::filesystem::path& run_directory, const KeeperDescriptors& descriptors);

// The supervisor's process, until the pod is finished and cleaned up (0). Waits while another supervisor lives.
// `ready`: one byte is written there when nothing is left that could keep it from its work; -1: nobody waits for it.
int run_supervisor(const std::filesystem::path& run_directory, int ready);

}  // namespace tandem::supervise
