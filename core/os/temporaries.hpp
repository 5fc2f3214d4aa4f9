// What replace_file has left where its process was killed between the temporary file and the rename.
#pragma once

#include <filesystem>

namespace tandem {

// Removes the temporary files in `directory`, for whoever holds the lock under which all of it is written. Never
// throws.
void remove_temporaries(const std::filesystem::path& directory);

}  // namespace tandem
