// `tandem-log replay CONFIG FILE... [--sink NAME]`: dead letters to their sinks again.
#pragma once

#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "sidecars/log/settings.hpp"

namespace tandem::shipper {

struct ReplayOptions {
  std::vector<std::string> files;
  std::string sink;                            // all go there; "": each to its own
  std::chrono::milliseconds patience{60'000};  // a sink that takes nothing for so long ends it
};

// Throws Error{user} for what is no file and no sink of the config.
ReplayOptions read_replay_options(const Settings& settings, const std::vector<std::string>& arguments);

// Sends each file's letters in order, one batch at a time, and writes to `out` what became of them. A batch that is
// refused is halved until it is known which records are: those go to FILE.refused, with the new reason. FILE itself is
// not changed; FILE.replayed says how far it was sent, so that the same command goes on there (with another --sink, or
// another content of FILE, from the start). A batch that was on its way when it was killed comes again under the same
// id. SIGINT and SIGTERM end it between two tries.
// Gives 0 when all was delivered; 1 when records were refused or lines are no dead letters; 69 when it was stopped or a
// sink took nothing: the rest can be sent later.
int replay(const Settings& settings, const ReplayOptions& options, std::FILE* out);

}  // namespace tandem::shipper
