#include "pods/client/selection.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/os/error.hpp"
#include "pods/client/selector.hpp"
#include "pods/client/stored_objects.hpp"

namespace tandem::client {

Asked parse_asked(const std::vector<std::string>& words) {
  Asked asked;
  bool first = true;
  for (const auto& [kind, name] : parse_names(words, true)) {
    if (!first && kind != asked.kind)
      throw Error(Fault::user, "get", "", "several kinds at once", "ask for one after the other");
    asked.kind = kind;
    first = false;
    if (!name.empty()) asked.names.push_back(name);
  }
  return asked;
}

Selected select_objects(const state::Roots& roots, const Asked& asked, const std::string& name_space,
                        const std::string& selector) {
  using nlohmann::ordered_json;
  Selected selected;
  std::vector<ordered_json> found;
  std::vector<Damaged> damaged;
  std::vector<ordered_json> all = list_objects(roots, asked.kind, name_space, damaged);
  for (const Damaged& one : damaged)
    if (asked.names.empty() || std::find(asked.names.begin(), asked.names.end(), one.name) != asked.names.end())
      selected.errors.push_back(one.text);
  for (auto& object : all)
    if (selector.empty() || matches(object, selector)) found.push_back(std::move(object));
  if (asked.names.empty()) {
    selected.objects = std::move(found);
    return selected;
  }
  for (const auto& name : asked.names) {
    const auto at = std::find_if(found.begin(), found.end(),
                                 [&](const ordered_json& object) { return object["metadata"]["name"] == name; });
    if (at != found.end())
      selected.objects.push_back(*at);
    else
      selected.errors.push_back(std::string(short_name(asked.kind)) + " \"" + name + "\" not found in namespace " +
                                name_space);
  }
  return selected;
}

}  // namespace tandem::client
