// The subcommands of `tandem image`; each runs in its CLI11 callback.
#pragma once

#include <filesystem>
#include <string>

namespace CLI {
class App;
}

namespace tandem::image {

struct StorePlace {
  std::string store;  // --store; empty: the default

  std::filesystem::path images() const;
  std::filesystem::path pods() const;  // where running pods' Plans lie
};

void add_commands(CLI::App& app, StorePlace& place);  // `place` outlives the app
void add_pack_command(CLI::App& app, StorePlace& place);

}  // namespace tandem::image
