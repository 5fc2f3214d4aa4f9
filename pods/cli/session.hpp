// What every command gets: where things lie, which namespace, and how it ends.
#pragma once

#include <stdexcept>
#include <string>

#include "pods/state/layout.hpp"

namespace tandem::cli {

struct Session {
  state::Roots roots = state::find_roots();
  std::string name_space;  // of -n; empty: not given
  bool all_namespaces = false;

  std::string name_space_or_default() const { return name_space.empty() ? "default" : name_space; }
  // For listing: empty means all.
  std::string listed_name_space() const { return all_namespaces ? "" : name_space_or_default(); }
};

// Ends the program with a code; what had to be said has been said.
struct Exit {
  int code = 0;
};

}  // namespace tandem::cli
