// What pods/client says to a person, on stderr.
#pragma once

#include <string>

#include "pods/client/notes.hpp"
#include "pods/state/layout.hpp"

namespace tandem::cli {

// `before` begins each line.
client::Notes notes(const std::string& before = "");

// Which files of the pod are damaged.
void tell_damage(const state::Roots& roots, const std::string& name_space, const std::string& name);

}  // namespace tandem::cli
