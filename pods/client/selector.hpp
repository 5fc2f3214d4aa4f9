// kubectl's label selectors, as -l takes them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace tandem::client {

// Does the object match "a=b,c!=d,e"? Throws Error{user} for one that cannot be read.
bool matches(const nlohmann::ordered_json& object, const std::string& selector);

}  // namespace tandem::client
