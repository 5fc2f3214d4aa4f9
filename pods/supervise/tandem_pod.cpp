// tandem-pod keeper RUN_DIR [--ready-fd N] [--lock-fd N] [--own-lock-fd N] | tandem-pod supervisor RUN_DIR [--ready-fd
// N]: started by `tandem`, not by people.
#include <cstdlib>
#include <string>

#include "core/os/error.hpp"
#include "core/os/unique_fd.hpp"
#include "pods/supervise/keeper.hpp"
#include "pods/supervise/keeper_log.hpp"

int main(int argc, char** argv) {
  using namespace tandem;
  const std::string role = argc > 1 ? argv[1] : "";
  supervise::KeeperDescriptors descriptors;
  bool understood = argc >= 3 && argc % 2 == 1;
  for (int i = 3; understood && i < argc; i += 2) {
    const std::string option = argv[i];
    int* const wanted = option == "--ready-fd"      ? &descriptors.ready
                        : option == "--lock-fd"     ? &descriptors.pod_lock
                        : option == "--own-lock-fd" ? &descriptors.own_lock
                                                    : nullptr;
    understood = wanted && (role == "keeper" || wanted == &descriptors.ready);
    if (understood) *wanted = std::atoi(argv[i + 1]);
  }
  if ((role != "keeper" && role != "supervisor") || !understood) {
    supervise::log(supervise::Level::error,
                   "usage: tandem-pod keeper|supervisor RUN_DIR; it is started by: tandem apply");
    return exit_code(Fault::user);
  }
  const unique_fd ready(descriptors.ready);  // until what went wrong is in the log: who waits there looks for it
  try {
    if (role == "keeper") return supervise::run_keeper(argv[2], descriptors);
    return supervise::run_supervisor(argv[2], descriptors.ready);
  } catch (const Error& error) {
    supervise::log(supervise::Level::error, role + ": " + error.what());
    return exit_code(error.fault());
  } catch (const std::exception& error) {
    supervise::log(supervise::Level::error, role + ": " + error.what());
    return exit_code(Fault::bug);
  }
}
