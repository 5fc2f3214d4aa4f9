#include "sidecars/log/record/event.hpp"

#include <algorithm>

namespace tandem::shipper {

const Field* Event::find(std::string_view name) const {
  const auto at = std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.name == name; });
  return at == fields.end() ? nullptr : &*at;
}

std::string_view Event::text(std::string_view name) const {
  const Field* const field = find(name);
  return field ? field->text : std::string_view();
}

void Event::set(const Field& field) {
  const auto at = std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.name == field.name; });
  if (at == fields.end()) {
    fields.push_back(field);
  } else {
    *at = field;
  }
}

bool Event::remove(std::string_view name) {
  return std::erase_if(fields, [&](const Field& f) { return f.name == name; }) > 0;
}

char* Event::claim(std::size_t bytes) { return static_cast<char*>(memory_.allocate(bytes, 1)); }

std::string_view Event::keep(std::string_view bytes) {
  char* const copy = claim(bytes.size());
  bytes.copy(copy, bytes.size());
  return {copy, bytes.size()};
}

void Event::clear() {
  fields.clear();
  memory_.release();
}

}  // namespace tandem::shipper
