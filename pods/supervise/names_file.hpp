// The names that every pod's name server answers: RUN/names.json, {"redis.default.svc.cluster.local": ["10.83.0.4"]}.
#pragma once

#include "pods/network/name_server.hpp"
#include "pods/state/layout.hpp"

namespace tandem::supervise {

std::filesystem::path names_path(const state::Roots& roots);
// nullopt: absent or damaged. The table is made anew with the next change, and pods must run.
std::optional<network::Names> read_names(const state::Roots& roots);
void write_names(const state::Roots& roots, const network::Names& names);  // replaced at once

}  // namespace tandem::supervise
