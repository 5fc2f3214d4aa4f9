#include "ambassador/redis/slot_map.hpp"

#include <algorithm>
#include <bitset>
#include <set>
#include <utility>

#include "ambassador/redis/reply_text.hpp"

namespace tandem::redis {
namespace {

bool read_port(std::string_view text, std::uint16_t& port) {
  const std::size_t bus = text.find('@');  // PORT@BUSPORT
  long long number = 0;
  if (!parse_integer(text.substr(0, bus), number) || number < 1 || number > 65535) return false;
  port = static_cast<std::uint16_t>(number);
  return true;
}

bool unknown_host(std::string_view host) { return host.empty() || host == "?"; }

bool read_node(const Reply& reply, std::string_view asked_host, NodeAddress& address) {
  if (reply.kind != Reply::Kind::array || reply.items.size() < 2) return false;
  const Reply& host = reply.items[0];
  const Reply& port = reply.items[1];
  if (port.kind != Reply::Kind::integer || port.integer < 1 || port.integer > 65535) return false;
  if (host.kind != Reply::Kind::bulk && host.kind != Reply::Kind::null) return false;
  address.host = unknown_host(host.text) ? std::string(asked_host) : std::string(host.text);
  address.port = static_cast<std::uint16_t>(port.integer);
  return true;
}

bool read_slot(const Reply& reply, std::uint16_t& slot) {
  if (reply.kind != Reply::Kind::integer || reply.integer < 0 || reply.integer >= slot_count) return false;
  slot = static_cast<std::uint16_t>(reply.integer);
  return true;
}

}  // namespace

std::string to_string(const NodeAddress& address) {
  const bool v6 = address.host.find(':') != std::string::npos;
  return (v6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

bool parse_node_address(std::string_view text, std::string_view same_host, NodeAddress& address) {
  const std::size_t colon = text.rfind(':');
  if (colon == text.npos) return false;
  std::uint16_t port = 0;
  if (!read_port(text.substr(colon + 1), port)) return false;
  const std::string_view host = text.substr(0, colon);
  address.host = unknown_host(host) ? std::string(same_host) : std::string(host);
  address.port = port;
  return !address.host.empty();
}

bool read_cluster_slots(const Reply& reply, std::string_view asked_host, std::vector<SlotRange>& ranges) {
  if (reply.kind != Reply::Kind::array) return false;
  std::vector<SlotRange> read;
  std::bitset<slot_count> seen;
  std::set<NodeAddress> nodes;
  for (const Reply& item : reply.items) {
    SlotRange range;
    if (item.kind != Reply::Kind::array || item.items.size() < 3) return false;
    if (!read_slot(item.items[0], range.first) || !read_slot(item.items[1], range.last)) return false;
    if (range.first > range.last || !read_node(item.items[2], asked_host, range.master)) return false;
    for (unsigned slot = range.first; slot <= range.last; ++slot) {
      if (seen[slot]) return false;
      seen.set(slot);
    }
    nodes.insert(range.master);
    for (std::size_t i = 3; i < item.items.size(); ++i) {
      NodeAddress replica;
      if (!read_node(item.items[i], asked_host, replica)) return false;
      nodes.insert(replica);
      range.replicas.push_back(std::move(replica));
    }
    if (nodes.size() > most_nodes) return false;
    read.push_back(std::move(range));
  }
  ranges = std::move(read);
  return true;
}

// ID IP:PORT@BUSPORT[,NAME[,shard-id=...]] FLAGS MASTER ...
std::vector<NodeAddress> read_cluster_nodes(std::string_view text, std::string_view asked_host) {
  std::vector<NodeAddress> nodes;
  const auto next = [](std::string_view& rest, char end) {
    const std::string_view word = rest.substr(0, rest.find(end));
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    return word;
  };
  while (!text.empty()) {
    std::string_view line = next(text, '\n');
    next(line, ' ');
    std::string_view places = next(line, ' ');
    const std::string_view flags = next(line, ' ');
    if (nodes.size() >= 2 * most_nodes) return {};
    if (flags.find("handshake") != flags.npos || flags.find("noaddr") != flags.npos) continue;
    NodeAddress address;
    if (!parse_node_address(next(places, ','), asked_host, address)) continue;
    nodes.push_back(address);
    const std::string_view name = next(places, ',');
    if (!name.empty() && name.find('=') == name.npos) nodes.push_back({std::string(name), address.port});
  }
  return nodes;
}

void SlotMap::assign(std::uint16_t first, std::uint16_t last, NodeId node) {
  for (unsigned slot = first; slot <= last; ++slot) {
    covered_ += owners_[slot] == no_node && node != no_node;
    covered_ -= owners_[slot] != no_node && node == no_node;
    owners_[slot] = node;
  }
  masters_known_ = false;
}

const std::vector<NodeId>& SlotMap::masters() const {
  if (std::exchange(masters_known_, true)) return masters_;
  masters_.clear();
  std::vector<bool> seen(no_node);
  for (const NodeId owner : owners_) {
    if (owner == no_node || seen[owner]) continue;
    seen[owner] = true;
    masters_.push_back(owner);
  }
  return masters_;
}

std::uint16_t SlotMap::first_slot_of(NodeId node) const {
  const auto at = std::find(owners_.begin(), owners_.end(), node);
  return static_cast<std::uint16_t>(at - owners_.begin());
}

}  // namespace tandem::redis
