// Tables of the kinds that are not pods, as kubectl prints them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "pods/client/kinds.hpp"

namespace tandem::cli {

struct ObjectTable {
  bool headers = true, name_space = false;
};
std::string object_table(client::Kind kind, const std::vector<nlohmann::ordered_json>& objects,
                         const ObjectTable& table);

// Columns of equal width, three blanks between them, as kubectl. The first row is the headings.
std::string align(const std::vector<std::vector<std::string>>& rows);

}  // namespace tandem::cli
