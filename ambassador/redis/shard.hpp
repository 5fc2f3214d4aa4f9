// The ambassador itself, for one thread: clients on one side, nodes on the other, the slot map between them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ambassador/redis/client_connection.hpp"
#include "ambassador/redis/held_requests.hpp"
#include "ambassador/redis/info.hpp"
#include "ambassador/redis/node_table.hpp"
#include "ambassador/redis/redirect.hpp"
#include "ambassador/redis/router.hpp"
#include "ambassador/redis/topology.hpp"

namespace tandem::redis {

struct ShardOptions {
  TopologyOptions topology;
  NodeAddress server;  // one Redis without a cluster, when topology.seeds is empty
  NodeOptions nodes;
  ClientLimits clients;
  std::size_t most_clients = 10'000;
  std::size_t held_bytes = std::size_t{64} << 20;
  std::size_t client_memory = std::size_t{512} << 20;  // of all clients; then the one with the most is closed
  Answers answers;
};

// Plain numbers of this thread; metrics.cpp shows them.
struct ShardCounts {
  std::vector<std::uint64_t> commands;  // by CommandRow::index; the last one counts unknown commands
  std::uint64_t total = 0;
  std::uint64_t moved = 0, asked = 0, waited = 0, gave_up = 0, strangers = 0;
  LimitCounts limits;
  std::uint64_t refused_clients = 0, accepted_clients = 0, evicted_clients = 0;
  std::uint64_t too_large = 0, lost_writes = 0, timeouts = 0, expired = 0, resent_reads = 0;
  std::uint64_t client_received_bytes = 0, client_sent_bytes = 0;
  std::uint64_t node_sent_bytes = 0, node_received_bytes = 0, node_connects = 0, node_failures = 0;  // of retired nodes
};

class Shard final : private NodeListener, private ClientListener {
 public:
  // Called with each request's latency; `write`: it may have changed something.
  using Observe = std::function<void(Clock::duration latency, bool write)>;

  Shard(asio::io_context& io, ShardOptions options, Observe observe);
  ~Shard() override;

  void start();
  // Other options while running: what there is goes on (connections stay), what comes is under the new ones. Whether
  // there is a cluster or one server must be as before.
  void use(ShardOptions options);
  void adopt_client(unique_fd fd);  // a connected, non-blocking socket
  bool close_silent_client();       // false: there is none
  Poller& poller() { return poller_; }

  void drain();  // no more requests; clients are closed when they have their replies
  bool drained() const { return client_count_ == 0; }
  std::string not_ready() const;  // empty: ready

  const ShardCounts& counts();  // brought up to date
  std::size_t clients() const { return client_count_; }
  std::size_t held() const { return held_.size(); }
  std::size_t pending();       // requests without a reply
  std::size_t output_bytes();  // replies that clients have not taken
  NodeTable& nodes() { return nodes_; }
  const SlotMap& slots() const { return map_; }
  std::uint64_t refreshes() const { return topology_ ? topology_->refreshes() : 0; }

 private:
  // ClientListener: shard_commands.cpp
  bool on_command(ClientConnection& client, const Command& command, std::uint64_t sequence) override;
  void wants_flush(ClientConnection& client) override;
  void wants_resume(ClientConnection& client) override;
  void on_closed(ClientConnection& client) override;
  void on_answered(Clock::time_point asked, bool write) override;
  void on_memory(std::size_t before, std::size_t now) override;
  void on_limit(ClientConnection& client, Limit limit) override;
  void answer_command_here(ClientConnection& client, const Command& command, const CommandRow& row,
                           std::uint64_t sequence);
  void send_split(ClientConnection& client, const Command& command, const CommandRow& row, InFlight first);
  void send_to_all(ClientConnection& client, const Command& command, MergeKind merge, InFlight first);
  void send_scan(ClientConnection& client, const Command& command, InFlight first);
  void answer_info(ClientConnection& client, std::uint64_t sequence, const Gathered& gathered);
  InfoFacts facts();
  std::uint16_t any_owned_slot();

  // NodeListener: shard_replies.cpp
  void on_reply(NodeConnection& node, const InFlight& in_flight, std::string_view reply,
                std::string_view request) override;
  void on_lost(NodeConnection& node, const InFlight& in_flight, std::string_view request, bool sent,
               std::string_view reason) override;
  void on_timeout(NodeConnection& node, const InFlight& in_flight) override;
  void on_too_large(NodeConnection& node, const InFlight& in_flight) override;
  void on_queue_full(NodeConnection& node) override;
  void on_down(NodeConnection& node, std::string_view reason) override;
  void wants_flush(NodeConnection& node) override;
  void dispatch(const InFlight& in_flight, std::string_view request);  // to its slot's node, or holds it
  bool is_redirection(const InFlight& in_flight, const Redirect& redirect) const;
  bool follow(NodeConnection& node, const InFlight& in_flight, std::string_view reply, std::string_view request);
  void hold(InFlight in_flight, std::string_view request, std::string reason, Clock::duration pause);
  void retry_held(bool everything);
  void deliver(const InFlight& in_flight, std::string_view reply);
  void deliver_error(const InFlight& in_flight, std::string_view text);
  void deliver_part(ClientConnection& client, const InFlight& in_flight, std::string_view reply);
  ClientConnection* client_of(const Ticket& ticket);

  // shard.cpp
  void apply(const std::vector<SlotRange>& ranges, bool state_ok);
  void map_changed();
  void know_clients();
  void bite(Limit limit, std::string_view whose);
  void end_of_turn();
  void tick();
  void list_clients(std::string& text);

  ShardOptions options_;
  Observe observe_;
  Poller poller_;
  asio::steady_timer timer_;
  std::shared_ptr<int> alive_ = std::make_shared<int>();  // for the timer's callback
  NodeTable nodes_;
  std::unique_ptr<Topology> topology_;  // nullptr: one server
  SlotMap map_;
  bool state_ok_ = false;
  std::uint64_t epoch_ = 1;  // of the map: a client's requests without a reply were all routed by one
  HeldRequests held_;
  Clock::time_point started_ = Clock::now(), retire_at_{};

  struct Place {
    std::unique_ptr<ClientConnection> client;
    std::uint32_t generation = 0;
  };
  std::vector<Place> clients_;
  std::vector<std::uint32_t> free_places_;
  std::size_t client_count_ = 0, client_memory_ = 0;
  std::uint64_t next_client_id_ = 1;
  std::vector<ClientConnection*> to_flush_, to_resume_, to_destroy_;
  std::vector<NodeConnection*> nodes_to_flush_;
  std::uint32_t random_ = 2463534242u;
  bool draining_ = false, retry_now_ = false;
  ShardCounts counts_;
  std::string scratch_;
};

}  // namespace tandem::redis
