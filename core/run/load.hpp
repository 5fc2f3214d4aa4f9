// A program's config: file, environment, and every problem of both.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/net/endpoint.hpp"
#include "core/observe/log.hpp"
#include "core/run/service.hpp"

namespace tandem::run {

using Lookup = std::function<const char*(const std::string&)>;  // getenv

// The file: `given`, or $PROGRAM_CONFIG, or none (an empty config). Throws Error when it cannot be read.
Document load_config(const Program& program, const std::string& given, const Lookup& lookup, Problems& problems);

// Unknown keys, the common keys and the program's own check; what two of them found is told once.
void check_config(const Program& program, const Document& config, Problems& problems);

// Both; a config that cannot be read is not checked. A problem of a value that a variable has set names the variable.
Document load_checked(const Program& program, const std::string& given, const Lookup& lookup, Problems& problems);

struct CommonSettings {
  std::optional<net::Endpoint> admin;
  std::vector<std::string> admin_hosts;
  observe::Level level = observe::Level::info;
  std::chrono::nanoseconds drain = std::chrono::seconds(25);
};
CommonSettings read_common(const Document& config, Problems& problems);

}  // namespace tandem::run
