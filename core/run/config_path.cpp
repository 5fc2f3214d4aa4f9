#include "core/run/config_path.hpp"

namespace tandem::run {

namespace {

// One walk for const and mutable nodes.
template <class AnyNode, class Visit>
void walk(AnyNode& node, const std::string& path, const Visit& visit) {
  for (auto& member : node.members) {
    auto below = path.empty() ? member.key : path + "." + member.key;
    visit(below, member);
    walk(member.value, below, visit);
  }
  for (auto& item : node.items) walk(item, path + "[]", visit);
}

}  // namespace

void each_member(Node& node, const std::string& path, const std::function<void(const std::string&, Member&)>& visit) {
  walk(node, path, visit);
}

void each_member(const Node& node, const std::string& path,
                 const std::function<void(const std::string&, const Member&)>& visit) {
  walk(node, path, visit);
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
