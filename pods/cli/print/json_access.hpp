// Reading JSON that may lack anything.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "core/config/json_text.hpp"

namespace tandem::print {

using Json = nlohmann::ordered_json;

inline const Json& get(const Json& json, const char* key) {
  static const Json none;
  if (!json.is_object()) return none;
  const auto found = json.find(key);
  return found == json.end() ? none : *found;
}

template <class... Keys>
const Json& get(const Json& json, const char* key, const char* next, Keys... rest) {
  return get(get(json, key), next, rest...);
}

inline const Json& list(const Json& json) {  // anything else is an empty list
  static const Json none = Json::array();
  return json.is_array() ? json : none;
}
inline std::string text(const Json& json) {
  if (json.is_string()) return json.get<std::string>();
  return json.is_null() ? "" : json_text(json, NotUtf8::replace);
}
inline long long number(const Json& json) { return json.is_number_integer() ? json.get<long long>() : 0; }
inline bool is_true(const Json& json) { return json.is_boolean() && json.get<bool>(); }

}  // namespace tandem::print
