#include "ambassador/redis/shard.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>

#include "ambassador/redis/reply_text.hpp"
#include "core/net/listener.hpp"
#include "core/observe/log.hpp"

namespace tandem::redis {
namespace {

using namespace std::chrono_literals;

std::string address_of(int fd, bool peer) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  auto* const address = reinterpret_cast<sockaddr*>(&storage);
  if ((peer ? ::getpeername(fd, address, &length) : ::getsockname(fd, address, &length)) != 0) return "?";
  if (storage.ss_family != AF_INET && storage.ss_family != AF_INET6) return "unix:0";
  asio::ip::tcp::endpoint endpoint;
  endpoint.resize(length);
  std::memcpy(endpoint.data(), &storage, length);
  return to_string(NodeAddress{endpoint.address().to_string(), endpoint.port()});
}

}  // namespace

Shard::Shard(asio::io_context& io, ShardOptions options, Observe observe)
    : options_(std::move(options)),
      observe_(std::move(observe)),
      poller_(io, [this] { end_of_turn(); }),
      timer_(io),
      nodes_([this, &io](NodeAddress address) {
        NodeListener& listener = *this;
        return std::make_unique<NodeConnection>(io, poller_, listener, options_.nodes, std::move(address));
      }),
      held_(options_.held_bytes) {
  counts_.commands.resize(command_rows().size() + 1);
  know_clients();
  if (!options_.topology.seeds.empty()) {
    topology_ = std::make_unique<Topology>(io, nodes_, options_.topology,
                                           [this](const auto& ranges, bool state_ok) { apply(ranges, state_ok); });
  } else {
    map_.assign(0, slot_count - 1, nodes_.id_of(options_.server));
    state_ok_ = true;
  }
}

Shard::~Shard() = default;

void Shard::know_clients() {
  options_.answers.list_clients = [this](std::string& text) { list_clients(text); };
}

void Shard::use(ShardOptions options) {
  const bool moved = options.server != options_.server;
  options_ = std::move(options);
  know_clients();
  held_.set_limit(options_.held_bytes);
  if (topology_) return topology_->use(options_.topology);
  if (!moved) return;
  map_.assign(0, slot_count - 1, nodes_.id_of(options_.server));
  map_changed();
}

void Shard::bite(Limit limit, std::string_view whose) {
  if (!counts_.limits.count(limit, Clock::now())) return;
  observe::log_warning("a limit is reached",
                       {{"limit", limit_names[static_cast<std::size_t>(limit)]}, {"first", whose}});
}

void Shard::start() {
  poller_.start();
  tick();
}

// Who has never asked for anything loses nothing. Others keep their place, as at a Redis.
bool Shard::close_silent_client() {
  ClientConnection* longest = nullptr;
  for (const Place& place : clients_) {
    ClientConnection* const client = place.client.get();
    if (!client || client->closed() || client->has_spoken()) continue;
    if (!longest || client->session.since < longest->session.since) longest = client;
  }
  if (!longest) return false;
  bite(client_count_ >= options_.most_clients ? Limit::clients : Limit::descriptors, longest->session.address);
  longest->close();
  ++counts_.refused_clients;
  return true;
}

void Shard::adopt_client(unique_fd fd) {
  ++counts_.accepted_clients;
  if (draining_) return;
  bool full = client_count_ >= options_.most_clients || net::is_of_reserve(fd.get());
  if (full && close_silent_client()) {
    if (net::is_of_reserve(fd.get())) fd = net::move_below_reserve(std::move(fd));
    if (!fd) return;
    full = false;
  }
  if (full) {
    bite(client_count_ >= options_.most_clients ? Limit::clients : Limit::descriptors, address_of(fd.get(), true));
    ++counts_.refused_clients;
    constexpr std::string_view refusal = "-ERR max number of clients reached\r\n";
    static_cast<void>(::send(fd.get(), refusal.data(), refusal.size(), MSG_NOSIGNAL));
    return;
  }
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(fd.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  if (free_places_.empty()) {
    free_places_.push_back(static_cast<std::uint32_t>(clients_.size()));
    clients_.emplace_back();
  }
  const std::uint32_t index = free_places_.back();
  free_places_.pop_back();
  Place& place = clients_[index];
  const std::string peer = address_of(fd.get(), true), local = address_of(fd.get(), false);
  ClientListener& listener = *this;
  place.client =
      std::make_unique<ClientConnection>(poller_, listener, options_.clients, std::move(fd), index, ++place.generation);
  Session& session = place.client->session;
  session.id = next_client_id_++;
  session.address = peer, session.local_address = local;
  session.authenticated = !options_.answers.needs_password();
  session.since = Clock::now();
  ++client_count_;
}

// As Redis' maxmemory-clients: who holds most makes room for the others.
void Shard::on_memory(std::size_t before, std::size_t now) {
  client_memory_ += now - before;
  if (now < before || client_memory_ <= options_.client_memory) return;
  ClientConnection* largest = nullptr;
  for (const Place& place : clients_)
    if (place.client && (!largest || place.client->memory() > largest->memory())) largest = place.client.get();
  if (!largest || largest->closed()) return;
  ++counts_.evicted_clients;
  bite(Limit::client_memory, largest->session.address);
  largest->close();
}

void Shard::on_limit(ClientConnection& client, Limit limit) { bite(limit, client.session.address); }

void Shard::on_closed(ClientConnection& client) { to_destroy_.push_back(&client); }

void Shard::wants_flush(ClientConnection& client) {
  client.wants_flush = true;
  to_flush_.push_back(&client);
}

void Shard::wants_resume(ClientConnection& client) {
  client.wants_resume = true;
  to_resume_.push_back(&client);
}

void Shard::wants_flush(NodeConnection& node) {
  node.wants_flush = true;
  nodes_to_flush_.push_back(&node);
}

void Shard::end_of_turn() {
  if (retry_now_) retry_held(true);
  // Resuming and flushing can ask for more of both; what is asked for meanwhile waits for the next pass.
  for (int pass = 0; pass < 64 && !(to_resume_.empty() && nodes_to_flush_.empty() && to_flush_.empty()); ++pass) {
    for (ClientConnection* client : std::exchange(to_resume_, {})) {
      client->wants_resume = false;
      client->resume();
    }
    for (NodeConnection* node : std::exchange(nodes_to_flush_, {})) {
      node->wants_flush = false;
      node->flush();
    }
    for (ClientConnection* client : std::exchange(to_flush_, {})) {
      client->wants_flush = false;
      client->flush();
    }
  }
  if (to_destroy_.empty()) return;
  const auto gone = [](const ClientConnection* client) { return client->closed(); };
  std::erase_if(to_resume_, gone);
  std::erase_if(to_flush_, gone);
  for (ClientConnection* client : std::exchange(to_destroy_, {})) {
    counts_.client_received_bytes += client->received_bytes;
    counts_.client_sent_bytes += client->sent_bytes;
    const std::uint32_t index = client->index();
    clients_[index].client.reset();
    free_places_.push_back(index);
    --client_count_;
  }
}

void Shard::apply(const std::vector<SlotRange>& ranges, bool state_ok) {
  SlotMap fresh;
  for (const SlotRange& range : ranges) fresh.assign(range.first, range.last, nodes_.id_of(range.master));
  if (state_ok != state_ok_ || fresh.complete() != map_.complete())
    observe::log_info("the cluster's state changed", {{"cluster_state", state_ok ? "ok" : "fail"},
                                                      {"slots_covered", fresh.covered()},
                                                      {"masters", fresh.masters().size()}});
  state_ok_ = state_ok;
  if (fresh == map_) return;
  map_ = fresh;
  retire_at_ = {};
  map_changed();
}

void Shard::map_changed() {
  ++epoch_;
  retry_now_ = true;
}

std::string Shard::not_ready() const {
  if (!topology_) {
    const NodeConnection& server = nodes_[map_.owner(0)];
    if (server.ready()) return "";
    return server.last_error().empty() ? server.name() + " has not answered yet" : server.last_error();
  }
  if (map_.covered() == 0) return "the cluster is not known yet: " + topology_->last_error();
  if (!map_.complete()) return std::to_string(map_.covered()) + " of 16384 slots have a node";
  if (!state_ok_) return "cluster_state:fail: " + topology_->last_error();
  return "";
}

void Shard::tick() {
  const auto now = Clock::now();
  bool connecting = false, waiting = false;
  if (topology_)
    topology_->tick(now);
  else
    nodes_[map_.owner(0)].keep_up(now);  // so that /readyz knows before the first request
  nodes_.each([&](NodeConnection& node) {
    node.tick(now);
    connecting |= node.state() == NodeConnection::State::connecting || node.state() == NodeConnection::State::resolving;
    waiting |= node.in_flight() > 0;
  });
  if (!held_.empty()) {
    if (topology_) topology_->refresh();
    retry_held(false);
  }
  if (topology_ && now >= retire_at_) {
    retire_at_ = now + 5s;
    nodes_.retire([&](NodeId id, const NodeAddress& address) {
      if (topology_->is_member(address) || map_.first_slot_of(id) < slot_count || topology_->asking()) return true;
      const auto& counts = nodes_[id].counts;
      counts_.node_sent_bytes += counts.sent_bytes, counts_.node_received_bytes += counts.received_bytes;
      counts_.node_connects += counts.connects, counts_.node_failures += counts.failures;
      return false;
    });
  }
  end_of_turn();
  const bool down = !held_.empty() || connecting || (topology_ && (topology_->asking() || !map_.complete()));
  timer_.expires_after(down ? 10ms : waiting ? 50ms : 200ms);
  timer_.async_wait([this, alive = std::weak_ptr(alive_)](const net::error_code& error) {
    if (!alive.expired() && !error) tick();
  });
}

void Shard::drain() {
  draining_ = true;
  for (Place& place : clients_)
    if (place.client) place.client->finish();
  end_of_turn();
}

void Shard::list_clients(std::string& text) {
  const auto now = Clock::now();
  for (const Place& place : clients_)
    if (place.client && !place.client->closed()) text += describe_session(place.client->session, now) + "\n";
}

const ShardCounts& Shard::counts() {
  for (Place& place : clients_) {
    if (!place.client) continue;
    counts_.client_received_bytes += std::exchange(place.client->received_bytes, 0);
    counts_.client_sent_bytes += std::exchange(place.client->sent_bytes, 0);
  }
  return counts_;
}

std::size_t Shard::pending() {
  std::size_t sum = 0;
  for (const Place& place : clients_) sum += place.client ? place.client->pending() : 0;
  return sum;
}

std::size_t Shard::output_bytes() {
  std::size_t sum = 0;
  for (const Place& place : clients_) sum += place.client ? place.client->output_bytes() : 0;
  return sum;
}

}  // namespace tandem::redis
