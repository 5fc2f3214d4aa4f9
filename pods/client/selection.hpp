// Which stored objects a command's words mean.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "pods/client/kinds.hpp"
#include "pods/state/layout.hpp"

namespace tandem::client {

// One kind, and the names of it (none: all).
struct Asked {
  Kind kind = Kind::pod;
  std::vector<std::string> names;
};
Asked parse_asked(const std::vector<std::string>& words);  // throws Error{user}, also for several kinds

struct Selected {
  std::vector<nlohmann::ordered_json> objects;  // in the order of the names, if there are any
  std::vector<std::string> errors;              // what is damaged, and what is not there
};

// Of one namespace, or of all when it is empty (not with names). `selector`: of labels; empty: any.
Selected select_objects(const state::Roots& roots, const Asked& asked, const std::string& name_space,
                        const std::string& selector);

}  // namespace tandem::client
