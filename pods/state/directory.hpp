// Who is where on this machine: the facts behind DNS names, read from what was applied and what supervisors wrote.
// Nobody owns them: whoever changes one (a command that adds or removes pods or Services, a supervisor whose pod became
// ready or not) publishes all of them anew, and every pod's name server reads the file when it is replaced.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "pods/state/layout.hpp"

namespace tandem::state {

// Full names -> IPv4 addresses (pods/plan/names.hpp says which) of all Services and running pods. What cannot be read
// (being replaced, damaged) is left out: a name service answers with what it knows.
std::map<std::string, std::vector<std::string>> gather_names(const Roots& roots);

fs::path names_file(const Roots& roots);  // RUN/names.json: {"redis.default.svc.cluster.local": ["10.83.0.4"]}

// Gathers and replaces the file, one publisher at a time, so that the last one has seen everything. The same names
// leave the file alone.
void publish_names(const Roots& roots);

}  // namespace tandem::state
