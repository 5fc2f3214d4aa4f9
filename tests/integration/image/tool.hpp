// The program tandem-image on a store of its own.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/os/files.hpp"
#include "core/os/process.hpp"
#include "pods/image/store.hpp"
#include "tests/support/servers.hpp"

namespace tandem::test {

inline const std::string image_tool = TANDEM_BINARY_DIR "/bin/tandem-image";

struct ImageTool {
  TemporaryDirectory directory;
  fs::path store = directory / "images";

  CommandResult run(std::vector<std::string> arguments, std::chrono::seconds limit = std::chrono::minutes(5)) const {
    // A root of its own: no pod of this machine is looked at.
    std::vector<std::string> command = {"/usr/bin/env", "TANDEM_ROOT=" + (directory / "tandem").string(), image_tool,
                                        "--store", store.string()};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return run_command(command, "", limit);
  }
  fs::path layer(const std::string& name) const { return image::find_image(store, name).value().layers.at(0); }

  // Runs a program inside an image's layer, as root would see it.
  CommandResult inside(const std::string& name, std::vector<std::string> argv) const {
    argv.insert(argv.begin(), {"/usr/sbin/chroot", layer(name).string()});
    return run_command(argv);
  }
};

}  // namespace tandem::test
