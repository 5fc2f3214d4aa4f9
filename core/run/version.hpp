// The version of this build, as CMake's project() has it.
#pragma once

namespace tandem::run {

extern const char* const version;

}  // namespace tandem::run
