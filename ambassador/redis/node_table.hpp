// The nodes that are known, each with one connection, under small numbers that slot maps use.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "ambassador/redis/node_connection.hpp"

namespace tandem::redis {

class NodeTable {
 public:
  using Make = std::function<std::unique_ptr<NodeConnection>(NodeAddress)>;
  explicit NodeTable(Make make) : make_(std::move(make)) {}

  NodeId id_of(const NodeAddress& address);  // makes the node
  NodeConnection& operator[](NodeId id) { return *nodes_[id]; }
  const NodeConnection& operator[](NodeId id) const { return *nodes_[id]; }
  NodeConnection& at(const NodeAddress& address) { return *nodes_[id_of(address)]; }
  bool contains(NodeId id) const { return id < nodes_.size() && nodes_[id]; }
  std::size_t size() const { return ids_.size(); }

  template <class Call>
  void each(Call&& call) {  // which may make nodes
    for (std::size_t i = 0; i < nodes_.size(); ++i)
      if (nodes_[i]) call(*nodes_[i]);
  }

  // Drops the nodes that are not `wanted` and have nothing in flight. Not from inside a node's callback.
  void retire(const std::function<bool(NodeId, const NodeAddress&)>& wanted);

 private:
  Make make_;
  std::vector<std::unique_ptr<NodeConnection>> nodes_;  // an empty place is used again
  std::map<NodeAddress, NodeId> ids_;
};

}  // namespace tandem::redis
