#include "sidecars/log/record/parse_fields.hpp"

#include <cstdint>
#include <unordered_map>

namespace tandem::shipper {
namespace {

constexpr std::size_t few = 64;

// Among the first `count`; `count`: it is not there.
std::size_t place_of(std::string_view name, const std::vector<Field>& fields, std::size_t count) {
  std::size_t place = 0;
  while (place < count && !is_name(fields[place].name, name)) ++place;
  return place;
}

}  // namespace

void drop_repeated_names(ParsedFields& fields) {
  std::size_t kept = 0;
  if (fields.size() <= few) {
    std::uint64_t seen = 0;
    for (const Field& field : fields) {
      const std::uint64_t bit = name_mark(field.name);
      if ((seen & bit) && place_of(field.name, fields, kept) < kept) break;
      seen |= bit;
      ++kept;
    }
    for (std::size_t i = kept; i < fields.size(); ++i) {  // from the first repeated one on
      const std::size_t place = place_of(fields[i].name, fields, kept);
      fields[place] = fields[i];
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
  std::uint64_t marks = 0;
  for (const Field& field : record) marks |= name_mark(field.name);
  for (const Field& field : found) {
    const std::size_t place = marks & name_mark(field.name) ? place_of(field.name, record, before) : before;
    if (place < before) {
      record[place] = field;
    } else {
      record.push_back(field);
    }
  }
}

}  // namespace tandem::shipper
