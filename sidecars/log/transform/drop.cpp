// Fields left out: the ones named (drop), or all the others (keep).
#include "sidecars/log/transform/field_names.hpp"
#include "sidecars/log/transform/field_transforms.hpp"

namespace tandem::shipper {
namespace {

class DropFields final : public Transform {
 public:
  DropFields(FieldNames names, bool named) : names_(std::move(names)), named_(named) {}
  bool apply(Event& event) override {
    std::erase_if(event.fields, [&](const Field& field) { return names_.contains(field.name) == named_; });
    return true;
  }

 private:
  FieldNames names_;
  bool named_;
};

MakeTransform read_names(Reader& item, const std::string& example, bool drops) {
  const auto names = read_field_names(item, "fields", example);
  if (names.empty()) return {};
  return [names = FieldNames(names), drops](const TransformContext&) {
    return std::make_unique<DropFields>(names, drops);
  };
}

}  // namespace

TransformType drop_transform() {
  return {"drop",
          {{"fields", "list of fields", "",
            "drop: the fields to leave out; keep: all others are left out. Patterns (debug_*) are fine."}},
          [](Reader& item) { return read_names(item, "[debug, \"tmp_*\"]", true); }};
}

TransformType keep_transform() {
  return {"keep",
          {{"fields", "list of fields", "", "keep: the only fields that stay. Patterns (http_*) are fine."}},
          [](Reader& item) { return read_names(item, "[message, level]", false); }};
}

}  // namespace tandem::shipper
