#include "core/run/config_path.hpp"

namespace tandem::run {

namespace {

// One walk for const and mutable nodes. The texts are as they were when it returns: a copy for each member of a mapping
// whose key is long would be work without bound.
template <class AnyNode, class Visit>
void walk(AnyNode& node, std::string& path, std::string& place, const Visit& visit) {
  const std::size_t path_size = path.size(), place_size = place.size();
  for (auto& member : node.members) {
    path.append(path_size ? "." : "").append(member.key);
    if (visit(path, place, member)) {
      place.append(place_size ? "." : "").append(member.key);
      walk(member.value, path, place, visit);
      place.resize(place_size);
    }
    path.resize(path_size);
  }
  std::size_t index = 0;
  for (auto& item : node.items) {
    path.append("[]");
    place.append("[").append(std::to_string(index++)).append("]");
    walk(item, path, place, visit);
    path.resize(path_size);
    place.resize(place_size);
  }
}

template <class AnyNode, class Visit>
void walk_from(AnyNode& node, std::string path, const Visit& visit) {
  std::string place = path;
  walk(node, path, place, visit);
}

}  // namespace

void each_member(Node& node, const std::string& path, const VisitMember<Member>& visit) {
  walk_from(node, path, visit);
}

void each_member(const Node& node, const std::string& path, const VisitMember<const Member>& visit) {
  walk_from(node, path, visit);
}

bool set_at(Node& root, const std::string& path, Node value) {
  Node* at = &root;
  for (std::size_t from = 0; from <= path.size();) {
    if (at->is_null()) at->kind = Node::Kind::mapping;
    if (!at->is_mapping()) return false;
    auto dot = std::min(path.find('.', from), path.size());
    auto key = path.substr(from, dot - from);
    auto* found = const_cast<Node*>(at->find(key));
    if (!found) found = &at->members.emplace_back(Member{key, {}, {}}).value;
    at = found;
    from = dot + 1;
  }
  *at = std::move(value);
  return true;
}

}  // namespace tandem::run
