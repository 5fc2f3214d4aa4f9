// The fields that a transform is for: names, or patterns with * ? [a-z].
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/config/reader.hpp"

namespace tandem::shipper {

class FieldNames {
 public:
  FieldNames() = default;
  explicit FieldNames(std::vector<std::string> names);

  bool contains(std::string_view name) const;
  bool empty() const { return exact_.empty() && patterns_.empty(); }

 private:
  std::vector<std::string> exact_, patterns_;
};

// The list under `key`, where at least one name must be and none may be empty.
std::vector<std::string> read_field_names(Reader& item, const std::string& key, const std::string& example);

}  // namespace tandem::shipper
