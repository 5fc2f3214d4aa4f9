#include "sidecars/log/transform/field_key.hpp"

#include <algorithm>

#include "sidecars/log/hash.hpp"

namespace tandem::shipper {

std::uint64_t FieldKey::of(const Event& event) {
  bytes_.clear();
  for (const std::string& name : fields_) {
    const Field* const field = event.find(name);
    const std::uint64_t size = field ? field->text.size() : ~std::uint64_t{0};
    bytes_.append(reinterpret_cast<const char*>(&size), sizeof size);
    if (field) bytes_ += field->text;
  }
  return hash64(bytes_);
}

std::vector<std::string> read_names_or_name(Reader& item, const std::string& key) {
  const Node* const node = item.node(key);
  if (!node) return {};
  auto names = node->is_sequence() ? item.strings(key) : std::vector<std::string>{item.string(key)};
  if (node->is_sequence() ? names.size() != node->items.size() : node->kind != Node::Kind::string) return {};
  if (names.empty() || std::find(names.begin(), names.end(), "") != names.end())
    item.problem(key, "a field's name is wanted");
  return names;
}

}  // namespace tandem::shipper
