// Fields under another name, in their place.
#include "sidecars/log/buffer.hpp"
#include "sidecars/log/json_text.hpp"
#include "sidecars/log/transform/field_transforms.hpp"

namespace tandem::shipper {
namespace {

struct Renaming {
  std::string from, to;
  std::string from_key, to_key;  // `"name":` in JSON
};

std::string json_key(std::string_view name) {
  Buffer text;
  append_json_text(name, text);
  return "\"" + std::string(text.view()) + "\":";
}

class Rename final : public Transform {
 public:
  explicit Rename(std::vector<Renaming> renamings) : renamings_(std::move(renamings)) {}

  bool apply(Event& event) override {
    for (const Renaming& renaming : renamings_) {
      if (!event.find(renaming.from)) continue;
      event.remove(renaming.to);
      for (Field& field : event.fields)
        if (field.name == renaming.from) rename(field, renaming, event);
    }
    return true;
  }

 private:
  static void rename(Field& field, const Renaming& renaming, Event& event) {
    field.name = renaming.to;
    const std::string_view member = std::exchange(field.member, {});
    // What somebody escaped already stays escaped; a literal's text is JSON as it is.
    if (field.literal || !member.starts_with(renaming.from_key)) return;
    const std::string_view value = member.substr(renaming.from_key.size());
    char* const copy = event.claim(renaming.to_key.size() + value.size());
    renaming.to_key.copy(copy, renaming.to_key.size());
    value.copy(copy + renaming.to_key.size(), value.size());
    field.member = {copy, renaming.to_key.size() + value.size()};
  }

  std::vector<Renaming> renamings_;
};

MakeTransform read_rename(Reader& item) {
  std::vector<Renaming> renamings;
  for (auto& [from, to] : item.string_map("fields")) {
    if (from.empty() || to.empty()) item.problem("fields", "a field's name is empty");
    if (from != to) renamings.push_back({from, to, json_key(from), json_key(to)});
  }
  if (renamings.empty())
    item.problem(item.has("fields") ? "fields" : "", "fields: at least one is needed",
                 "for example fields: {msg: message}");
  return [renamings](const TransformContext&) { return std::make_unique<Rename>(renamings); };
}

}  // namespace

TransformType rename_transform() {
  return {"rename",
          {{"fields", "map", "", "rename: OLD: NEW, one after the other; a field that had the new name is replaced."}},
          read_rename};
}

}  // namespace tandem::shipper
