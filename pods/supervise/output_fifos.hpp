// The FIFOs that are a container's stdout and stderr.
#pragma once

#include <filesystem>

namespace tandem::supervise {

void make_fifos(const std::filesystem::path& directory);  // DIRECTORY/stdout and stderr; existing ones stay

}  // namespace tandem::supervise
