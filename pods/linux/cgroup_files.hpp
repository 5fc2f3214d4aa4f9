// What several files here do with a cgroup's directory.
#pragma once

#include <string>
#include <vector>

namespace tandem::linux_ {

bool write_if_there(const std::string& file, const std::string& value);    // false: it is not there, or says no
std::vector<std::string> directories_below(const std::string& directory);  // itself first; none when it is not there

}  // namespace tandem::linux_
