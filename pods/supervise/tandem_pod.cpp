// tandem-pod keeper RUN_DIR [--ready-fd N [--lock-fd N]] | tandem-pod supervisor RUN_DIR: started by `tandem`, not by
// people.
#include <cstdlib>
#include <cstring>
#include <string>

#include "core/os/error.hpp"
#include "pods/supervise/keeper.hpp"
#include "pods/supervise/keeper_log.hpp"

int main(int argc, char** argv) {
  using namespace tandem;
  const std::string role = argc > 1 ? argv[1] : "";
  const bool has_lock = argc == 7 && std::strcmp(argv[5], "--lock-fd") == 0;
  const bool has_ready = (argc == 5 || has_lock) && std::strcmp(argv[3], "--ready-fd") == 0;
  if ((role != "keeper" && role != "supervisor") || (argc != 3 && !has_ready)) {
    supervise::log(supervise::Level::error,
                   "usage: tandem-pod keeper|supervisor RUN_DIR; it is started by: tandem apply");
    return exit_code(Fault::user);
  }
  try {
    if (role == "keeper") {
      return supervise::run_keeper(argv[2], has_ready ? std::atoi(argv[4]) : -1, has_lock ? std::atoi(argv[6]) : -1);
    }
    return supervise::run_supervisor(argv[2]);
  } catch (const Error& error) {
    supervise::log(supervise::Level::error, role + ": " + error.what());
    return exit_code(error.fault());
  } catch (const std::exception& error) {
    supervise::log(supervise::Level::error, role + ": " + error.what());
    return exit_code(Fault::bug);
  }
}
