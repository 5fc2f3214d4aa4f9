// What becomes of a node's reply, and of requests that get none.
#include "ambassador/redis/reply_text.hpp"
#include "ambassador/redis/scan.hpp"
#include "ambassador/redis/shard.hpp"
#include "core/observe/log.hpp"

namespace tandem::redis {
namespace {

using namespace std::chrono_literals;

constexpr auto short_pause = 20ms;  // a slot is on its way
constexpr auto long_pause = 100ms;  // a node or the cluster must recover
constexpr std::string_view asking_request = "*1\r\n$6\r\nASKING\r\n";

std::string seconds_text(std::chrono::nanoseconds time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(time).count()) + " ms";
}

}  // namespace

ClientConnection* Shard::client_of(const Ticket& ticket) {
  if (ticket.client >= clients_.size()) return nullptr;
  Place& place = clients_[ticket.client];
  return place.generation == ticket.generation ? place.client.get() : nullptr;
}

void Shard::dispatch(const InFlight& in_flight, std::string_view request) {
  const NodeId owner = map_.owner(in_flight.slot);
  if (owner == no_node) {
    const std::string reason = not_ready();
    return hold(in_flight, request, reason.empty() ? "no node has the slot" : reason, long_pause);
  }
  NodeConnection& node = nodes_[owner];
  if (!node.send(in_flight, request)) hold(in_flight, request, node.why_not(), long_pause);
}

void Shard::hold(InFlight in_flight, std::string_view request, std::string reason, Clock::duration pause) {
  if (held_.full(request.size())) {
    const ClientConnection* const client = client_of(in_flight.ticket);
    bite(Limit::waiting, client ? client->session.address : "");
    return deliver_error(in_flight, "CLUSTERDOWN tandem-redis: too many requests wait already; " + reason);
  }
  ++counts_.waited;
  held_.add({in_flight, std::string(request), std::move(reason), Clock::now() + pause});
}

void Shard::retry_held(bool everything) {
  retry_now_ = false;
  const auto now = Clock::now();
  for (HeldRequest& held : held_.take(now, everything)) {
    if (!client_of(held.in_flight.ticket)) continue;
    if (held.in_flight.deadline <= now) {
      ++counts_.expired;
      deliver_error(held.in_flight, "CLUSTERDOWN tandem-redis: gave up after " +
                                        seconds_text(options_.nodes.request_timeout) + ": " + held.reason);
    } else {
      dispatch(held.in_flight, held.request);
    }
  }
}

void Shard::on_reply(NodeConnection& node, const InFlight& in_flight, std::string_view reply,
                     std::string_view request) {
  if (in_flight.purpose == Purpose::topology) return topology_->on_reply(node, in_flight, reply);
  if (in_flight.purpose == Purpose::asking || in_flight.purpose == Purpose::auth) return;
  if (reply[0] == '-' && in_flight.slot != no_slot && follow(node, in_flight, reply, request)) return;
  deliver(in_flight, reply);
}

// What begins with MOVED or ASK may be a client's own script: it leads nowhere but to nodes of the cluster, and for the
// slot that was asked for.
bool Shard::is_redirection(const InFlight& in_flight, const Redirect& redirect) const {
  if (redirect.action == RedirectAction::wait) return true;
  return topology_ && redirect.slot == in_flight.slot;
}

// True: the request is on its way again, or was answered.
bool Shard::follow(NodeConnection& node, const InFlight& in_flight, std::string_view reply, std::string_view request) {
  const Redirect redirect = redis::redirect(reply, in_flight.attempt, node.address().host);
  if (redirect.action == RedirectAction::deliver || !is_redirection(in_flight, redirect)) return false;
  if (redirect.refresh && topology_) topology_->refresh();
  if (!client_of(in_flight.ticket)) return true;
  InFlight again = in_flight;
  const std::string copy(request);  // the node's own memory may move when it is sent there again
  const std::string says = node.name() + " says: " + node.words(reply);
  if (redirect.action != RedirectAction::wait && !topology_->is_member(redirect.address)) {
    ++counts_.strangers;
    hold(again, copy, says + ", which is no node that the cluster names",
         long_pause);  // and asks the cluster meanwhile
    return true;
  }
  ++again.attempt;
  switch (redirect.action) {
    case RedirectAction::follow_moved: {
      ++counts_.moved;
      const NodeId owner = nodes_.id_of(redirect.address);
      if (map_.owner(in_flight.slot) != owner) {
        map_.assign(in_flight.slot, in_flight.slot, owner);
        map_changed();
      }
      dispatch(again, copy);
      break;
    }
    case RedirectAction::follow_ask: {
      ++counts_.asked;
      NodeConnection& target = nodes_.at(redirect.address);
      InFlight asking;
      asking.purpose = Purpose::asking;
      asking.deadline = again.deadline;
      if (!target.send(asking, asking_request) || !target.send(again, copy))
        hold(again, copy, target.why_not(), long_pause);
      break;
    }
    case RedirectAction::wait:
      --again.attempt;  // bounded by its deadline instead
      hold(again, copy, says, redirect.refresh ? long_pause : short_pause);
      break;
    case RedirectAction::give_up:
      ++counts_.gave_up;
      deliver_error(in_flight, "CLUSTERDOWN tandem-redis: redirected too often, last by " + node.name());
      break;
    case RedirectAction::deliver:
      break;
  }
  return true;
}

void Shard::on_lost(NodeConnection& node, const InFlight& in_flight, std::string_view request, bool sent,
                    std::string_view reason) {
  if (in_flight.purpose == Purpose::topology) return topology_->on_failed(in_flight, reason);
  if (in_flight.purpose == Purpose::asking || in_flight.purpose == Purpose::auth) return;
  if (in_flight.slot == no_slot)
    return deliver_error(in_flight, "ERR tandem-redis: " + node.name() + " was lost: " + std::string(reason));
  if (sent && !in_flight.read_only) {
    ++counts_.lost_writes;
    return deliver_error(in_flight, "ERR tandem-redis: " + node.name() + " was lost after the command was sent (" +
                                        std::string(reason) + "); it may or may not have been executed");
  }
  if (sent) ++counts_.resent_reads;
  hold(in_flight, request, std::string(reason), long_pause);
}

void Shard::on_timeout(NodeConnection& node, const InFlight& in_flight) {
  if (in_flight.purpose == Purpose::topology) return;
  if (topology_) topology_->refresh();
  if (in_flight.purpose == Purpose::asking || in_flight.purpose == Purpose::auth) return;
  ++counts_.timeouts;
  deliver_error(in_flight, "ERR tandem-redis: " + node.name() + " did not answer within " +
                               seconds_text(options_.nodes.request_timeout) +
                               (in_flight.read_only ? "" : "; the command may or may not have been executed"));
}

void Shard::on_too_large(NodeConnection& node, const InFlight& in_flight) {
  if (in_flight.purpose == Purpose::topology)
    return topology_->on_failed(in_flight, node.name() + " sent more than 4 MiB about the cluster");
  if (!is_of_client(in_flight.purpose)) return;
  ++counts_.too_large;
  bite(Limit::reply_size, node.name());
  deliver_error(in_flight, "ERR tandem-redis: the reply of " + node.name() +
                               " is larger than limits.replySize; the command was executed");
}

void Shard::on_queue_full(NodeConnection& node) { bite(Limit::node_queue, node.name()); }

void Shard::on_down(NodeConnection& node, std::string_view reason) {
  if (node.told.worth_telling(reason, Clock::now()))
    observe::log_warning("a node's connection is down", {{"node", node.name()}, {"reason", reason}});
  if (topology_) topology_->refresh();
}

void Shard::deliver_error(const InFlight& in_flight, std::string_view text) {
  std::string reply;
  append_error(reply, text);
  deliver(in_flight, reply);
}

void Shard::deliver(const InFlight& in_flight, std::string_view reply) {
  ClientConnection* const client = client_of(in_flight.ticket);
  if (!client) return;
  if (in_flight.purpose == Purpose::part) return deliver_part(*client, in_flight, reply);
  if (in_flight.purpose == Purpose::scan)
    return client->complete(in_flight.ticket.sequence, scan_reply(reply, map_, in_flight.slot));
  client->complete(in_flight.ticket.sequence, reply);
}

void Shard::deliver_part(ClientConnection& client, const InFlight& in_flight, std::string_view reply) {
  Gathered* const gathered = client.gathered(in_flight.ticket.sequence);
  if (!gathered || in_flight.ticket.part >= gathered->parts.size()) return;
  client.take_part(*gathered, in_flight.ticket.part, reply);
  if (--gathered->missing > 0 || client.closed()) return;
  if (gathered->merge == MergeKind::info) return answer_info(client, in_flight.ticket.sequence, *gathered);
  std::string merged;
  merge_replies(gathered->merge, gathered->parts, merged);
  client.complete(in_flight.ticket.sequence, merged);
}

}  // namespace tandem::redis
