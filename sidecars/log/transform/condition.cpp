#include "sidecars/log/transform/condition.hpp"

#include <re2/re2.h>

#include <algorithm>

#include "sidecars/log/transform/condition_nodes.hpp"

namespace tandem::shipper {
namespace {

class Any final : public Condition {
 public:
  explicit Any(std::vector<ConditionPtr> parts) : parts_(std::move(parts)) {}
  bool holds(const Event& event) const override {
    return std::any_of(parts_.begin(), parts_.end(), [&](const ConditionPtr& part) { return part->holds(event); });
  }

 private:
  std::vector<ConditionPtr> parts_;
};

class All final : public Condition {
 public:
  explicit All(std::vector<ConditionPtr> parts) : parts_(std::move(parts)) {}
  bool holds(const Event& event) const override {
    return std::all_of(parts_.begin(), parts_.end(), [&](const ConditionPtr& part) { return part->holds(event); });
  }

 private:
  std::vector<ConditionPtr> parts_;
};

class Not final : public Condition {
 public:
  explicit Not(ConditionPtr part) : part_(std::move(part)) {}
  bool holds(const Event& event) const override { return !part_->holds(event); }

 private:
  ConditionPtr part_;
};

class Exists final : public Condition {
 public:
  explicit Exists(std::string field) : field_(std::move(field)) {}
  bool holds(const Event& event) const override { return event.find(field_) != nullptr; }

 private:
  std::string field_;
};

bool satisfies(std::strong_ordering order, Comparison comparison) {
  switch (comparison) {
    case Comparison::equal:
      return order == 0;
    case Comparison::unequal:
      return order != 0;
    case Comparison::less:
      return order < 0;
    case Comparison::less_equal:
      return order <= 0;
    case Comparison::greater:
      return order > 0;
    case Comparison::greater_equal:
      return order >= 0;
  }
  return false;
}

class Compare final : public Condition {
 public:
  Compare(std::string field, Comparison comparison, ConditionValue value)
      : field_(std::move(field)), comparison_(comparison), value_(std::move(value)) {}

  bool holds(const Event& event) const override {
    const Field* const field = event.find(field_);
    if (!field) return comparison_ == Comparison::unequal;
    if (value_.kind == ConditionValue::Kind::null)  // the text "null" is a text
      return (field->literal && field->text == "null") == (comparison_ == Comparison::equal);
    if (value_.number) {
      if (const auto number = parse_number(field->text))
        return satisfies(compare(*number, *value_.number), comparison_);
    }
    return satisfies(field->text <=> std::string_view(value_.text), comparison_);
  }

 private:
  std::string field_;
  Comparison comparison_;
  ConditionValue value_;
};

class Match final : public Condition {
 public:
  Match(std::string field, bool wanted, const std::string& pattern)
      : field_(std::move(field)), wanted_(wanted), pattern_(pattern, RE2::Quiet) {}
  const RE2& pattern() const { return pattern_; }

  bool holds(const Event& event) const override {
    const Field* const field = event.find(field_);
    if (!field) return !wanted_;
    const re2::StringPiece text(field->text.data(), field->text.size());
    return pattern_.Match(text, 0, text.size(), RE2::UNANCHORED, nullptr, 0) == wanted_;
  }

 private:
  std::string field_;
  bool wanted_;
  RE2 pattern_;
};

}  // namespace

ConditionPtr make_any(std::vector<ConditionPtr> parts) { return std::make_shared<Any>(std::move(parts)); }
ConditionPtr make_all(std::vector<ConditionPtr> parts) { return std::make_shared<All>(std::move(parts)); }
ConditionPtr make_not(ConditionPtr part) { return std::make_shared<Not>(std::move(part)); }
ConditionPtr make_exists(std::string field) { return std::make_shared<Exists>(std::move(field)); }

ConditionPtr make_comparison(std::string field, Comparison comparison, ConditionValue value) {
  return std::make_shared<Compare>(std::move(field), comparison, std::move(value));
}

ConditionPtr make_match(std::string field, bool wanted, const std::string& pattern, std::string& problem) {
  auto match = std::make_shared<Match>(std::move(field), wanted, pattern);
  if (match->pattern().ok()) return match;
  problem = match->pattern().error();
  return nullptr;
}

}  // namespace tandem::shipper
