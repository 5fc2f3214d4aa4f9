// What apply does with a pod, by what there is of it already.
#pragma once

#include <optional>
#include <string>

namespace tandem::client {

enum class Change { create, none, replace };
const char* outcome(Change change);  // "created", "unchanged", "replaced"

struct Finding {
  Change change = Change::create;
  std::string damage;  // with replace: of a file of the pod, which cannot be gone by
};

// Of a pod that runs. `wanted`: as it would be applied now; `applied`: as it was, by the file `stored`, nullopt when it
// is missing. What is no object is damage.
Finding compare(const std::string& wanted, const std::optional<std::string>& applied, const std::string& stored);

// Throws for a pod, "pod/NAME", that can only be replaced: Error{user} where it differs, Error{environment} for damage.
void refuse_change(const std::string& name, const Finding& found);

}  // namespace tandem::client
