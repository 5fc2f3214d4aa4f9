#include "sidecars/log/record/parse_fields.hpp"

#include <algorithm>
#include <cstdint>
#include <unordered_map>

namespace tandem::shipper {
namespace {

constexpr std::size_t few = 64;

// One of 64 bits for each name: names with different bits differ, and mostly they do.
std::uint64_t mark(std::string_view name) {
  if (name.empty()) return 1;
  const auto first = static_cast<unsigned char>(name.front()), last = static_cast<unsigned char>(name.back());
  return std::uint64_t{1} << ((first * 7u + last * 31u + name.size() * 13u) & 63u);
}

}  // namespace

void drop_repeated_names(ParsedFields& fields) {
  std::size_t kept = 0;
  if (fields.size() <= few) {
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const std::uint64_t bit = mark(fields[i].name);
      std::size_t place = kept;
      if (seen & bit) {
        place = 0;
        while (place < kept && fields[place].name != fields[i].name) ++place;
      }
      seen |= bit;
      if (place != i) fields[place] = fields[i];
      if (place == kept) ++kept;
    }
  } else {
    std::unordered_map<std::string_view, std::size_t> places(fields.size());
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const auto [at, is_new] = places.emplace(fields[i].name, kept);
      fields[at->second] = fields[i];
      if (is_new) ++kept;
    }
  }
  fields.resize(kept);
}

void add_fields(std::vector<Field>& record, const ParsedFields& found) {
  const std::size_t before = record.size();
  std::uint64_t names = 0;
  for (const Field& field : record) names |= mark(field.name);
  for (const Field& field : found) {
    std::size_t place = before;
    if (names & mark(field.name)) {
      place = 0;
      while (place < before && record[place].name != field.name) ++place;
    }
    if (place < before) {
      record[place] = field;
    } else {
      record.push_back(field);
    }
  }
}

}  // namespace tandem::shipper
