#include "sidecars/log/transform/field_names.hpp"

#include <algorithm>

#include "sidecars/log/glob.hpp"

namespace tandem::shipper {

FieldNames::FieldNames(std::vector<std::string> names) {
  for (std::string& name : names)
    (name.find_first_of("*?[\\") == std::string::npos ? exact_ : patterns_).push_back(std::move(name));
}

bool FieldNames::contains(std::string_view name) const {
  return std::find(exact_.begin(), exact_.end(), name) != exact_.end() ||
         std::any_of(patterns_.begin(), patterns_.end(), [&](const std::string& p) { return match_name(p, name); });
}

std::vector<std::string> read_field_names(Reader& item, const std::string& key, const std::string& example) {
  auto names = item.strings(key);
  if (!item.has(key)) {
    item.problem("", "the field \"" + key + "\" is missing", "for example " + key + ": " + example);
  } else if (item.self().find(key)->items.empty()) {
    item.problem(key, "at least one field is needed", "for example " + example);
  }
  if (std::find(names.begin(), names.end(), "") != names.end()) item.problem(key, "a field's name is empty");
  return names;
}

}  // namespace tandem::shipper
