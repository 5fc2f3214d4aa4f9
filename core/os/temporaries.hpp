// What replace_file has left where its process was killed between the temporary file and the rename.
#pragma once

#include <chrono>
#include <filesystem>

namespace tandem {

// Removes the temporary files in `directory` that were last written more than `age` ago: zero for whoever holds the
// lock under which all of the directory is written, and long enough for any writer where there is none. Never throws.
void remove_temporaries(const std::filesystem::path& directory, std::chrono::seconds age);

}  // namespace tandem
