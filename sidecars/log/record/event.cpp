#include "sidecars/log/record/event.hpp"

namespace tandem::shipper {

const Field* Event::find(std::string_view name) const {
  for (const Field& field : fields)
    if (is_name(field.name, name)) return &field;
  return nullptr;
}

std::string_view Event::text(std::string_view name) const {
  const Field* const field = find(name);
  return field ? field->text : std::string_view();
}

void Event::set(const Field& field) {
  for (Field& present : fields) {
    if (!is_name(present.name, field.name)) continue;
    present = field;
    return;
  }
  fields.push_back(field);
}

bool Event::remove(std::string_view name) {
  return std::erase_if(fields, [&](const Field& f) { return is_name(f.name, name); }) > 0;
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
