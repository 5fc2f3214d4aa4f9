// Records that go no further.
#include "sidecars/log/transform/condition.hpp"
#include "sidecars/log/transform/field_transforms.hpp"

namespace tandem::shipper {
namespace {

class Filter final : public Transform {
 public:
  Filter(std::shared_ptr<const Condition> condition, bool keeps) : condition_(std::move(condition)), keeps_(keeps) {}
  bool apply(Event& event) override { return condition_->holds(event) == keeps_; }

 private:
  std::shared_ptr<const Condition> condition_;
  bool keeps_;
};

MakeTransform read_filter(Reader& item) {
  const std::string keep = item.string("keep"), drop = item.string("drop");
  if (item.has("keep") == item.has("drop")) {
    item.problem("", item.has("keep") ? "keep and drop exclude each other" : "one of keep and drop is needed",
                 "for example drop: 'level == \"debug\"'");
    return {};
  }
  const bool keeps = item.has("keep");
  const std::string key = keeps ? "keep" : "drop";
  if (!item.self().find(key)->text.size() || item.self().find(key)->kind != Node::Kind::string) {
    if (item.self().find(key)->kind == Node::Kind::string) item.problem(key, "the condition is empty");
    return {};
  }
  std::string problem;
  auto condition = parse_condition(keeps ? keep : drop, problem);
  if (!condition) {
    item.problem(key, problem);
    return {};
  }
  return [condition, keeps](const TransformContext&) { return std::make_unique<Filter>(condition, keeps); };
}

}  // namespace

TransformType filter_transform() {
  return {"filter",
          {{"keep", "condition", "", "filter: only records for which it holds go on."},
           {"drop", "condition", "", "filter: records for which it holds go no further; instead of keep."}},
          read_filter};
}

}  // namespace tandem::shipper
