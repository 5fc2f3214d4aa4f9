#include <nlohmann/json.hpp>

#include "core/config/json_text.hpp"
#include "core/config/node.hpp"

namespace tandem {

using Json = nlohmann::ordered_json;

Json to_json(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null:
      return nullptr;
    case Node::Kind::boolean:
      return *node.as_bool();
    case Node::Kind::integer:
      if (const auto value = node.as_integer()) return *value;
      return node.text;  // out of range: the reader says so
    case Node::Kind::number:
      if (const auto value = node.as_number()) return *value;
      return node.text;
    case Node::Kind::string:
      return node.text;
    case Node::Kind::sequence: {
      Json list = Json::array();
      for (const auto& item : node.items) list.push_back(to_json(item));
      return list;
    }
    case Node::Kind::mapping: {
      Json object = Json::object();
      for (const auto& member : node.members) object[member.key] = to_json(member.value);
      return object;
    }
  }
  return nullptr;
}

Node from_json(const Json& json) {
  Node node;
  if (json.is_object()) {
    node.kind = Node::Kind::mapping;
    for (const auto& [key, value] : json.items()) node.members.push_back({key, {}, from_json(value)});
  } else if (json.is_array()) {
    node.kind = Node::Kind::sequence;
    for (const auto& item : json) node.items.push_back(from_json(item));
  } else if (json.is_string()) {
    node.kind = Node::Kind::string;
    node.quoted = true;
    node.text = json.get<std::string>();
  } else if (!json.is_null()) {
    node.kind = json.is_boolean()          ? Node::Kind::boolean
                : json.is_number_integer() ? Node::Kind::integer
                                           : Node::Kind::number;
    node.text = json_text(json);
  }
  return node;
}

}  // namespace tandem
