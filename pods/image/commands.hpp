// The subcommands of `tandem image`.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/config/command_line.hpp"

namespace tandem::image {

struct StorePlace {
  std::string store;  // --store; empty: the default

  std::filesystem::path images() const;
  std::filesystem::path pods() const;  // where running pods' Plans lie
};

// `place` outlives what is returned.
std::vector<command_line::Command> image_commands(const StorePlace& place);
command_line::Command pack_command(const StorePlace& place);

}  // namespace tandem::image
