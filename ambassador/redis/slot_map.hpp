// Who owns which hash slot, as CLUSTER SLOTS tells it.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ambassador/redis/reply_scanner.hpp"
#include "ambassador/redis/slot.hpp"

namespace tandem::redis {

struct NodeAddress {
  std::string host;  // an address without brackets, or a name
  std::uint16_t port = 0;
  auto operator<=>(const NodeAddress&) const = default;
};

std::string to_string(const NodeAddress& address);  // HOST:PORT, brackets round IPv6

// "HOST:PORT" as MOVED, ASK and CLUSTER NODES write it (IPv6 without brackets). An empty or unknown ("?") host means
// `same_host`. False: it is none.
bool parse_node_address(std::string_view text, std::string_view same_host, NodeAddress& address);

inline constexpr std::size_t most_nodes = 4096;  // of one cluster; Redis Cluster is made for 1,000

struct SlotRange {
  std::uint16_t first = 0, last = 0;
  NodeAddress master;
  std::vector<NodeAddress> replicas;
};

// The reply of CLUSTER SLOTS, asked of `asked_host` (which stands for hosts that the cluster does not know).
// False: it is none, has a slot twice, or more nodes than most_nodes; `ranges` is untouched.
bool read_cluster_slots(const Reply& reply, std::string_view asked_host, std::vector<SlotRange>& ranges);

// The nodes of CLUSTER NODES, asked of `asked_host`: also those without slots, which CLUSTER SLOTS does not name, under
// their addresses and their names. Not those that are still being met, or whose address the cluster does not know.
std::vector<NodeAddress> read_cluster_nodes(std::string_view text, std::string_view asked_host);

using NodeId = std::uint16_t;  // given out by whoever owns the connections
inline constexpr NodeId no_node = 0xffff;

class SlotMap {
 public:
  SlotMap() { owners_.fill(no_node); }

  NodeId owner(std::uint16_t slot) const { return owners_[slot]; }
  void assign(std::uint16_t first, std::uint16_t last, NodeId node);  // both included
  unsigned covered() const { return covered_; }
  bool complete() const { return covered_ == slot_count; }
  // Owners in the order of their first slot.
  const std::vector<NodeId>& masters() const;
  std::uint16_t first_slot_of(NodeId node) const;  // slot_count: it has none
  bool operator==(const SlotMap& other) const { return owners_ == other.owners_; }

 private:
  std::array<NodeId, slot_count> owners_;
  mutable std::vector<NodeId> masters_;  // of owners_, when it is asked for
  mutable bool masters_known_ = true;
  unsigned covered_ = 0;
};

}  // namespace tandem::redis
