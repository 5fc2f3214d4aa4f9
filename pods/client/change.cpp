#include "pods/client/change.hpp"

#include <nlohmann/json.hpp>

#include "core/config/json_text.hpp"
#include "core/os/error.hpp"

namespace tandem::client {

const char* outcome(Change change) {
  switch (change) {
    case Change::create:
      return "created";
    case Change::none:
      return "unchanged";
    case Change::replace:
      return "replaced";
  }
  return "?";
}

Finding compare(const std::string& wanted, const std::optional<std::string>& applied, const std::string& stored) {
  if (applied == wanted) return {Change::none, ""};
  if (!parse_json(applied.value_or("")).is_object())
    return {Change::replace, stored + ", which says what was applied, is damaged or missing"};
  return {Change::replace, ""};
}

void refuse_change(const std::string& name, const Finding& found) {
  if (found.change != Change::replace) return;
  if (!found.damage.empty())
    throw Error(Fault::environment, "apply", name, found.damage, "tandem apply --replace deletes the pod first");
  throw Error(Fault::user, "apply", name,
              "it runs already and differs from this manifest, and a running pod cannot be changed",
              "tandem apply --replace deletes it first; tandem plan shows what would run");
}

}  // namespace tandem::client
