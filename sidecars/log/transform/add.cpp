// Fields with fixed values, or with values made of other fields.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "sidecars/log/buffer.hpp"
#include "sidecars/log/json_text.hpp"
#include "sidecars/log/transform/field_transforms.hpp"
#include "sidecars/log/transform/number.hpp"

namespace tandem::shipper {
namespace {

struct Part {
  bool field = false;
  std::string text;  // or the field's name
};

struct Added {
  std::string name;
  bool literal = false;
  std::vector<Part> parts;  // at most one, when it is fixed
  bool fixed = true;
  std::string member;  // of a fixed one
};

// "${name}" in a text is that field, "$$" a dollar sign. Nullopt: `problem` says what is wrong.
std::optional<std::vector<Part>> parse_template(std::string_view text, std::string& problem) {
  std::vector<Part> parts;
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text.substr(at).starts_with("$$")) {
      plain += text[at++];
    } else if (text.substr(at).starts_with("${")) {
      const std::size_t end = text.find('}', at);
      if (end == std::string_view::npos || end == at + 2) {
        problem = end == at + 2 ? "has ${} without a field's name" : "has a ${ without a }";
        return std::nullopt;
      }
      if (!plain.empty()) parts.push_back({false, std::exchange(plain, {})});
      parts.push_back({true, std::string(text.substr(at + 2, end - at - 2))});
      at = end;
    } else {
      plain += text[at];
    }
  }
  if (!plain.empty()) parts.push_back({false, plain});
  return parts;
}

class Add final : public Transform {
 public:
  // Members of fixed fields lie one behind the other, commas between them: what lies so is written as one.
  explicit Add(std::vector<Added> fields) : fields_(std::move(fields)) {
    for (const Added& added : fields_) members_ += added.member + ",";
    const char* at = members_.data();
    for (const Added& added : fields_) {
      const std::string_view text = added.parts.empty() ? std::string_view() : added.parts[0].text;
      placed_.push_back({added.name, text, added.literal, {at, added.member.size()}});
      at += added.member.size() + 1;
      marks_ |= name_mark(added.name);
      all_fixed_ = all_fixed_ && added.fixed;
    }
  }
  Add(const Add&) = delete;

  bool apply(Event& event) override {
    if (all_fixed_ && are_new(event)) {
      for (const Field& field : placed_) event.fields.push_back(field);
      return true;
    }
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      const Added& added = fields_[i];
      if (added.fixed) {
        event.set(placed_[i]);
      } else if (added.parts.size() == 1) {
        const Field* const from = event.find(added.parts[0].text);
        event.set(added.name, from ? from->text : std::string_view(), from && from->literal);
      } else {
        event.set(added.name, joined(added.parts, event));
      }
    }
    return true;
  }

 private:
  // The names that are added differ, as the keys of a mapping do.
  bool are_new(const Event& event) const {
    const auto adds = [&](std::string_view name) {
      return std::any_of(placed_.begin(), placed_.end(), [&](const Field& f) { return is_name(f.name, name); });
    };
    for (const Field& field : event.fields)
      if ((marks_ & name_mark(field.name)) && adds(field.name)) return false;
    return true;
  }

  static std::string_view joined(const std::vector<Part>& parts, Event& event) {
    const auto value = [&](const Part& part) { return part.field ? event.text(part.text) : part.text; };
    std::size_t bytes = 0;
    for (const Part& part : parts) bytes += value(part).size();
    char* const begin = event.claim(bytes);
    char* to = begin;
    for (const Part& part : parts) to += value(part).copy(to, bytes);
    return {begin, bytes};
  }

  std::vector<Added> fields_;
  std::vector<Field> placed_;  // of those that are fixed; views into fields_ and members_
  std::string members_;
  std::uint64_t marks_ = 0;  // of all names
  bool all_fixed_ = true;
};

std::string json_string(std::string_view bytes) {
  Buffer text;
  append_json_text(bytes, text);
  return "\"" + std::string(text.view()) + "\"";
}

// YAML has more spellings of a number than JSON.
std::optional<std::string> json_scalar(const Node& node) {
  if (node.is_null()) return "null";
  if (const auto truth = node.as_bool()) return *truth ? "true" : "false";
  if (const auto integer = node.as_integer()) return std::to_string(*integer);
  if (const auto number = node.as_number()) return fmt::format("{}", *number);
  return std::nullopt;
}

std::optional<Added> read_field(Reader& values, const std::string& name, const Node& value) {
  Added added{name, value.kind != Node::Kind::string, {}, true, {}};
  if (name.empty()) values.problem("", "a field's name is empty");
  if (added.literal) {
    const auto text = value.is_scalar() ? json_scalar(value) : std::nullopt;
    if (!text) {
      values.problem(name, "a text, a number, true, false or null is wanted");
      return std::nullopt;
    }
    added.parts = {{false, *text}};
    added.member = json_string(name) + ":" + *text;
    return added;
  }
  std::string problem;
  const auto parts = parse_template(value.text, problem);
  if (!parts) {
    values.problem(name, "the text \"" + value.text + "\" " + problem, "${field} is a field, $$ a dollar sign");
    return std::nullopt;
  }
  added.parts = *parts;
  for (const Part& part : added.parts) added.fixed = added.fixed && !part.field;
  if (added.fixed) added.member = json_string(name) + ":" + json_string(added.parts.empty() ? "" : added.parts[0].text);
  return added;
}

MakeTransform read_add(Reader& item) {
  std::vector<Added> fields;
  Reader values = item.object("fields");
  for (const auto& member : values.self().members) {
    values.allow(member.key);
    if (auto added = read_field(values, member.key, member.value)) fields.push_back(std::move(*added));
  }
  if (values.self().members.empty())
    item.problem(item.has("fields") ? "fields" : "", "fields: at least one is needed",
                 "for example fields: {team: shop}");
  return [fields](const TransformContext&) { return std::make_unique<Add>(fields); };
}

}  // namespace

TransformType add_transform() {
  return {
      "add",
      {{"fields", "map", "",
        "add: NAME: VALUE. In a text ${field} is another field's value (nothing, when it is missing) and $$ a dollar "
        "sign; \"${field}\" alone keeps a number a number. A field of that name is replaced."}},
      read_add};
}

}  // namespace tandem::shipper
