// Fields as one readable text: name=text, literals with a colon.
#pragma once

#include <string>

#include "sidecars/log/record/parse_fields.hpp"

namespace tandem::shipper {

inline std::string shown(const std::vector<Field>& fields) {
  std::string all;
  for (const Field& field : fields) {
    if (!all.empty()) all += "|";
    all += std::string(field.name) + (field.literal ? ":" : "=") + std::string(field.text);
  }
  return all;
}

}  // namespace tandem::shipper
