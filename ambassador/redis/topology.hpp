// Keeps asking the cluster who owns which slot: when told to, when something went wrong, and now and then.
#pragma once

#include <functional>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ambassador/redis/node_table.hpp"
#include "ambassador/redis/repeated.hpp"
#include "core/net/asio.hpp"
#include "core/net/backoff.hpp"

namespace tandem::redis {

struct TopologyOptions {
  std::vector<NodeAddress> seeds;  // names are resolved to all their addresses
  std::chrono::nanoseconds period{std::chrono::seconds(30)};
  std::chrono::nanoseconds answer_timeout{std::chrono::seconds(1)};
};

class Topology {
 public:
  // `apply` gets each answer that is better than none: the ranges, and whether the node says cluster_state:ok.
  using Apply = std::function<void(const std::vector<SlotRange>& ranges, bool state_ok)>;
  Topology(asio::io_context& io, NodeTable& nodes, TopologyOptions options, Apply apply);

  void use(TopologyOptions options);  // other seeds: the cluster is asked for anew, from them

  void refresh();  // soon; many calls are one refresh
  void tick(Clock::time_point now);
  bool asking() const { return asked_ != nullptr; }

  // For Purpose::topology, from the listener of the nodes.
  void on_reply(NodeConnection& node, const InFlight& in_flight, std::string_view reply);
  void on_failed(const InFlight& in_flight, std::string_view reason);

  // Whether a seed is it or stands for it, or the cluster as last seen names it: nobody else is sent anything.
  bool is_member(const NodeAddress& address) const;
  const std::string& last_error() const { return last_error_; }
  std::uint64_t refreshes() const { return refreshes_; }

 private:
  struct Answer {
    std::vector<SlotRange> ranges;
    std::vector<NodeAddress> nodes;
    unsigned covered = 0;
    bool state_ok = false;
  };

  void begin_round();
  void ask_next();
  void end_round();
  void failed(std::string_view reason);
  void know_seeds();
  void resolve_seeds();
  void add_candidates(const std::set<NodeAddress>& from);
  std::chrono::nanoseconds jittered(std::chrono::nanoseconds time);

  NodeTable& nodes_;
  TopologyOptions options_;
  Apply apply_;
  asio::ip::tcp::resolver resolver_;
  std::shared_ptr<int> alive_ = std::make_shared<int>();
  net::Backoff backoff_;
  std::minstd_rand random_{std::random_device{}()};

  std::set<NodeAddress> members_;                       // with slots, and their replicas, of the last answer
  std::set<NodeAddress> others_;                        // whom it names beside them
  std::map<NodeAddress, std::set<NodeAddress>> seeds_;  // and what they resolve to
  std::size_t resolving_ = 0;                           // seeds whose answer is not there
  std::vector<NodeAddress> candidates_;                 // to be asked in this round, from the end
  bool in_round_ = false;
  NodeConnection* asked_ = nullptr;  // only compared with
  std::uint64_t question_ = 0;
  Clock::time_point answer_deadline_{}, next_round_{}, last_round_{};
  Answer answer_, best_;
  Repeated told_;
  std::string last_error_ = "no node was asked yet";
  std::uint64_t refreshes_ = 0;
};

}  // namespace tandem::redis
