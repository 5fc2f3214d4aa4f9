#include "pods/client/selector.hpp"

#include <nlohmann/json.hpp>
#include <sstream>

#include "core/os/error.hpp"

namespace tandem::client {

bool matches(const nlohmann::ordered_json& object, const std::string& selector) {
  using nlohmann::ordered_json;
  const ordered_json::json_pointer place("/metadata/labels");
  const ordered_json labels =
      object.contains(place) && object.at(place).is_object() ? object.at(place) : ordered_json::object();
  std::istringstream terms(selector);
  for (std::string term; std::getline(terms, term, ',');) {
    const std::size_t equals = term.find('=');
    if (term.empty() || equals == 0)
      throw Error(Fault::user, "read selector", selector, "not of the form key=value,key!=value,key");
    if (equals == std::string::npos) {
      if (!labels.contains(term)) return false;
      continue;
    }
    const bool wanted = term[equals - 1] != '!';
    const std::string key = term.substr(0, equals - (wanted ? 0 : 1));
    const std::string value = term.substr(equals + (term.compare(equals, 2, "==") == 0 ? 2 : 1));
    if ((labels.value(key, std::string()) == value && labels.contains(key)) != wanted) return false;
  }
  return true;
}

}  // namespace tandem::client
