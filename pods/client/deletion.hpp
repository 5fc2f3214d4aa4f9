// Deleting objects: what is meant, told to stop side by side, then removed one after the other.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pods/client/kinds.hpp"
#include "pods/client/notes.hpp"
#include "pods/manifest/manifest.hpp"
#include "pods/state/layout.hpp"

namespace tandem::client {

struct Target {
  Kind kind = Kind::pod;
  std::string name_space, name;
  bool seen = false;  // of pods: it was there when it was asked for
};

std::vector<Target> targets_of(const manifest::Objects& objects);  // pods first, what they use after them
// Of parse_names: a name that is empty means all objects of its kind that are there.
std::vector<Target> targets_of(const state::Roots& roots, const std::string& name_space,
                               const std::vector<std::pair<Kind, std::string>>& names);

// Tells the pods among them to stop, and marks those that are there. `grace`: nullopt is the pod's own.
void begin_stops(const state::Roots& roots, std::vector<Target>& targets, std::optional<std::chrono::seconds> grace,
                 const Notes& say);

// Returns when it is gone. False: it was not there, neither now nor when it was asked for.
bool remove(const state::Roots& roots, const Target& target, std::optional<std::chrono::seconds> grace,
            const Notes& say);

// After the last of them: who resolves names is told, and what pods shared and none uses any more goes; says what was
// still there of it.
void end_deletion(const state::Roots& roots, const std::vector<Target>& targets, const Notes& say);

// For who interrupts the deletion of those from the place `from` on: their supervisors have been told. Whole lines.
std::string unfinished(const std::vector<Target>& targets, std::size_t from);

}  // namespace tandem::client
