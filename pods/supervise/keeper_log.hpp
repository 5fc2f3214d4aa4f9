// One JSON line on stderr, which is the pod's keeper.log.
#pragma once

#include <string>

namespace tandem::supervise {

enum class Level { info, warning, error };
void log(Level level, const std::string& message);

}  // namespace tandem::supervise
