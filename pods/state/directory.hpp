// Who is where on this machine: the facts behind DNS names, read from what was applied and what supervisors wrote.
// Nobody owns them. A supervisor whose pod's readiness changes, and a command that adds or removes pods or Services,
// calls announce(); every supervisor watches the file it touches, and reads again.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "pods/state/layout.hpp"

namespace tandem::state {

fs::path announcement(const Roots& roots);  // RUN/names.changed: its content changes at each announcement
void announce(const Roots& roots);          // creates the file when it is absent

// Full names -> IPv4 addresses (pods/plan/names.hpp says which) of all Services and running pods. What cannot be read
// (being replaced, damaged) is left out: a name service answers with what it knows.
std::map<std::string, std::vector<std::string>> read_names(const Roots& roots);

}  // namespace tandem::state
