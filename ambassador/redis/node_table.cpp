#include "ambassador/redis/node_table.hpp"

#include <algorithm>

#include "core/os/error.hpp"

namespace tandem::redis {

NodeId NodeTable::id_of(const NodeAddress& address) {
  const auto found = ids_.find(address);
  if (found != ids_.end()) return found->second;
  auto place = std::find(nodes_.begin(), nodes_.end(), nullptr);
  if (place == nodes_.end()) {
    if (nodes_.size() >= no_node) throw Error(Fault::environment, "add node", to_string(address), "too many nodes");
    place = nodes_.emplace(nodes_.end());
  }
  *place = make_(address);
  const auto id = static_cast<NodeId>(place - nodes_.begin());
  ids_.emplace(address, id);
  return id;
}

void NodeTable::retire(const std::function<bool(NodeId, const NodeAddress&)>& wanted) {
  for (auto at = ids_.begin(); at != ids_.end();) {
    auto& node = nodes_[at->second];
    if (node->in_flight() > 0 || node->wants_flush || wanted(at->second, at->first)) {
      ++at;
      continue;
    }
    node.reset();
    at = ids_.erase(at);
  }
}

}  // namespace tandem::redis
