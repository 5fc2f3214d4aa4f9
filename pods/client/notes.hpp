// What is said to a person beside a command's result: who waits for whom, what is damaged, what was brought back.
#pragma once

#include <functional>
#include <string>

namespace tandem::client {

// Called with one line, without its newline, at once when it is so: what follows may take long. The command line writes
// it to stderr.
using Notes = std::function<void(const std::string& line)>;

}  // namespace tandem::client
