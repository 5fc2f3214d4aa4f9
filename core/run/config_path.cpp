#include "core/run/config_path.hpp"

namespace tandem::run {

namespace {

// One walk for const and mutable nodes.
template <class AnyNode, class Visit>
void walk(AnyNode& node, const std::string& path, const std::string& place, const Visit& visit) {
  const std::string dot = path.empty() ? "" : ".";
  for (auto& member : node.members) {
    visit(path + dot + member.key, place, member);
    walk(member.value, path + dot + member.key, place + dot + member.key, visit);
  }
  std::size_t index = 0;
  for (auto& item : node.items) walk(item, path + "[]", place + "[" + std::to_string(index++) + "]", visit);
}

}  // namespace

void each_member(Node& node, const std::string& path, const VisitMember<Member>& visit) {
  walk(node, path, path, visit);
}

void each_member(const Node& node, const std::string& path, const VisitMember<const Member>& visit) {
  walk(node, path, path, visit);
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
