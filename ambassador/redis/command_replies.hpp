// COMMAND and its subcommands, from the table. Pure.
#pragma once

#include <string>

#include "ambassador/redis/request_parser.hpp"

namespace tandem::redis {

// Appends the reply of COMMAND [COUNT | LIST | INFO name... | DOCS name... | GETKEYS command...]. Commands that are
// refused are not in it.
void answer_command(const Command& command, std::string& out);

}  // namespace tandem::redis
