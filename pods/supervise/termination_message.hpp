// What a container leaves as its last words, as kubelet takes them: of the file at its terminationMessagePath, or with
// terminationMessagePolicy FallbackToLogsOnError of its output.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace tandem::supervise {

namespace fs = std::filesystem;

// The last 4096 bytes. Empty: nothing was written, or what is there is no file.
std::string message_of_file(const fs::path& file);

// The last 80 lines of output, and of these the last 2048 bytes, beginning with a whole UTF-8 character.
std::string message_of_log(const fs::path& log);

// The same of the end of a log (pods/state/cri_log.hpp): both streams in the order of the log.
std::string last_output(std::string_view log);

}  // namespace tandem::supervise
