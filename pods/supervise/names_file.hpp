// The names that every pod's name server answers: RUN/names.json, {"redis.default.svc.cluster.local": ["10.83.0.4"]}.
#pragma once

#include <cstdint>
#include "pods/network/name_server.hpp"
#include "pods/state/layout.hpp"

namespace tandem::supervise {

// Another one whenever the table has been replaced. Costs a system call, so whoever answers a question asks.
struct NamesVersion {
  std::uint64_t inode = 0;
  std::int64_t modified_s = 0, modified_ns = 0;
  bool operator==(const NamesVersion&) const = default;
};
NamesVersion names_version(const state::Roots& roots);
// nullopt: absent or damaged. The table is made anew with the next change, and pods must run.
std::optional<network::Names> read_names(const state::Roots& roots);
void write_names(const state::Roots& roots, const network::Names& names);  // replaced at once

}  // namespace tandem::supervise
