#include "pods/manifest/fields.hpp"

#include <algorithm>

#include "core/text/words.hpp"
#include "pods/manifest/api_fields.hpp"

namespace tandem::manifest {

const std::string* find(const TextMap& map, std::string_view key) {
  const auto found = std::find_if(map.begin(), map.end(), [&](const auto& entry) { return entry.first == key; });
  return found == map.end() ? nullptr : &found->second;
}

const Node* Fields::node(const char* key) const {
  if (decoding_->asked) decoding_->asked->insert(without_indexes(path(key)));
  const Node* value = node_ ? node_->find(key) : nullptr;
  return value && !value->is_null() ? value : nullptr;
}

std::string Fields::text(const char* key, std::string fallback) const {
  const Node* value = node(key);
  return value && value->kind == Node::Kind::string ? value->text : std::move(fallback);
}

std::optional<bool> Fields::boolean(const char* key) const {
  const Node* value = node(key);
  return value ? value->as_bool() : std::nullopt;
}

std::optional<std::int64_t> Fields::integer(const char* key) const {
  const Node* value = node(key);
  return value ? value->as_integer() : std::nullopt;
}

std::int64_t Fields::integer(const char* key, std::int64_t fallback, std::int64_t least, std::int64_t most) const {
  const auto value = integer(key);
  if (!value) return fallback;
  if (*value >= least && *value <= most) return *value;
  error(key, std::to_string(*value) + " is out of range",
        most == INT64_MAX || most == INT32_MAX ? "the least is " + std::to_string(least)
                                               : "from " + std::to_string(least) + " to " + std::to_string(most));
  return fallback;
}

std::vector<std::string> Fields::texts(const char* key) const {
  std::vector<std::string> out;
  const Node* value = node(key);
  if (!value) return out;
  for (const Node& entry : value->items) {
    if (entry.kind == Node::Kind::string) out.push_back(entry.text);
  }
  return out;
}

TextMap Fields::text_map(const char* key) const {
  TextMap out;
  const Node* value = node(key);
  if (!value) return out;
  for (const Member& member : value->members) {
    if (member.value.kind == Node::Kind::string) out.emplace_back(member.key, member.value.text);
    if (member.value.is_null()) out.emplace_back(member.key, "");
  }
  return out;
}

std::string Fields::choice(const char* key, std::string fallback, const std::vector<std::string>& choices) const {
  const Node* value = node(key);
  if (!value || value->kind != Node::Kind::string || value->text.empty()) return fallback;
  if (std::find(choices.begin(), choices.end(), value->text) != choices.end()) return value->text;
  error(key, "\"" + value->text + "\" is not supported", "one of: " + joined(choices, ", "));
  return fallback;
}

std::string Fields::required(const char* key) const {
  const Node* value = node(key);
  if (!value) {
    error(key, "is required");
    return "";
  }
  if (value->kind == Node::Kind::string && value->text.empty()) error(key, "must not be empty");
  return value->kind == Node::Kind::string ? value->text : "";
}

std::string Fields::text(const char* key, Rule rule) const {
  std::string value = text(key);
  const std::string reason = value.empty() ? "" : rule(value);
  if (!reason.empty()) error(key, "\"" + value + "\" " + reason);
  return value;
}

std::string Fields::required(const char* key, Rule rule) const {
  required(key);
  return text(key, rule);
}

Fields Fields::object(const char* key) const {
  const Node* value = node(key);
  return Fields(value && value->is_mapping() ? value : nullptr, path(key), *decoding_);
}

void Fields::each(const char* key, const std::function<void(const Fields&)>& read) const {
  const Node* value = node(key);
  if (!value) return;
  for (std::size_t i = 0; i < value->items.size(); ++i) {
    if (value->items[i].is_mapping()) read(Fields(&value->items[i], item(path(key), i), *decoding_));
  }
}

}  // namespace tandem::manifest
