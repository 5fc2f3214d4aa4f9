// What must hold of whatever a parser found in whatever bytes.
#pragma once

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "sidecars/log/record/parse_fields.hpp"

namespace tandem::shipper {

inline void require(bool holds) {
  if (!holds) std::abort();
}

// Valid JSON on one line, but for numbers that only we take: those out of a double's range.
inline void require_json(std::string_view text) {
  require(text.find_first_of("\r\n") == text.npos);
  try {
    const auto value = nlohmann::json::parse(text);
    static_cast<void>(value);
  } catch (const nlohmann::json::out_of_range&) {
  } catch (const nlohmann::json::exception&) {
    std::abort();
  }
}

// Every byte is read: a view outside of the memory is for the sanitizer to find.
inline void require_sound(const ParsedFields& fields) {
  std::set<std::string> names;
  for (const Field& field : fields) {
    require(names.insert(std::string(field.name)).second);
    const std::string text(field.text);
    if (field.literal) require_json(text);
    if (!field.member.empty()) require_json("{" + std::string(field.member) + "}");
  }
}

inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace tandem::shipper
