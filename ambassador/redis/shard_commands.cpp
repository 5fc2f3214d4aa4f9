// What becomes of a client's command.
#include "ambassador/redis/reply_text.hpp"
#include "ambassador/redis/scan.hpp"
#include "ambassador/redis/shard.hpp"

namespace tandem::redis {
namespace {

std::string cluster_down(const std::string& reason) { return "CLUSTERDOWN tandem-redis: " + reason; }

}  // namespace

bool Shard::on_command(ClientConnection& client, const Command& command, std::uint64_t sequence) {
  // A client's commands must not overtake each other: those routed by an older map are waited for.
  if (client.epoch != epoch_) {
    if (client.pending() > 1) return false;
    client.epoch = epoch_;
  }
  const CommandRow* row = find_command(command.args[0]);
  ++counts_.total;
  ++counts_.commands[row ? row->index : counts_.commands.size() - 1];
  if (!client.session.authenticated && !(row && allowed_without_password(*row))) {
    client.complete(sequence, "-NOAUTH Authentication required.\r\n");
    return true;
  }
  const Route route = redis::route(command, row, map_);
  if (row) client.session.last_command = row->name;
  if (route.target == Target::refuse) {
    scratch_.clear();
    append_error(scratch_, refusal_text(route.refusal, command, row));
    client.complete(sequence, scratch_);
    return true;
  }
  if (route.target == Target::here) return answer_command_here(client, command, *row, sequence), true;

  InFlight request;
  request.ticket = {client.index(), client.generation(), sequence, 0};
  request.slot = route.slot;
  request.read_only = row->read_only;
  request.deadline = client.now() + options_.nodes.request_timeout;
  if (!row->read_only) client.set_write(sequence);
  switch (route.target) {
    case Target::one_node:
      dispatch(request, command.raw);
      break;
    case Target::any_master:
      request.slot = any_owned_slot();
      dispatch(request, command.raw);
      break;
    case Target::split:
      send_split(client, command, *row, request);
      break;
    case Target::all_masters:
      send_to_all(client, command, route.merge, request);
      break;
    case Target::scan:
      send_scan(client, command, request);
      break;
    case Target::here:
    case Target::refuse:
      break;
  }
  return true;
}

void Shard::answer_command_here(ClientConnection& client, const Command& command, const CommandRow& row,
                                std::uint64_t sequence) {
  bool close = false;
  scratch_.clear();
  answer_here(command, row, client.session, options_.answers, scratch_, close);
  client.complete(sequence, scratch_);
  if (close) client.finish();
}

void Shard::send_split(ClientConnection& client, const Command& command, const CommandRow& row, InFlight request) {
  auto parts = plan_split(command, row);
  Gathered& gathered = client.gather(request.ticket.sequence);
  gathered.merge = row.merge;
  gathered.missing = parts.size();
  gathered.parts.resize(parts.size());
  for (std::size_t i = 0; i < parts.size(); ++i) gathered.parts[i].keys = std::move(parts[i].keys);
  // From here on a part may be answered at once, and the last one ends the gathering.
  request.purpose = Purpose::part;
  for (const SplitPart& part : parts) {
    request.slot = part.slot;
    dispatch(request, part.request);
    ++request.ticket.part;
  }
}

void Shard::send_to_all(ClientConnection& client, const Command& command, MergeKind merge, InFlight request) {
  const std::uint64_t sequence = request.ticket.sequence;
  const bool info = merge == MergeKind::info;
  if (!info && !map_.complete()) return deliver_error(request, cluster_down(not_ready()));
  Gathered& gathered = client.gather(sequence);
  gathered.merge = merge;
  if (info)
    for (std::size_t i = 1; i < command.args.size(); ++i) gathered.sections.emplace_back(command.args[i]);
  const bool ours_only = gathered.sections.size() == 1 && same_word(gathered.sections[0], "tandem");
  const std::vector<NodeId> masters = info && ours_only ? std::vector<NodeId>{} : map_.masters();
  if (masters.empty()) return answer_info(client, sequence, gathered);
  gathered.missing = masters.size();
  gathered.parts.resize(masters.size());
  request.purpose = Purpose::part;
  request.slot = no_slot;
  constexpr std::string_view whole_info = "*1\r\n$4\r\nINFO\r\n";
  for (const NodeId id : masters) {
    NodeConnection& node = nodes_[id];
    if (!node.send(request, info ? whole_info : command.raw))
      deliver_error(request, "ERR tandem-redis: " + node.why_not());
    ++request.ticket.part;
  }
}

void Shard::send_scan(ClientConnection& client, const Command& command, InFlight request) {
  ScanPosition position;
  if (!parse_scan_cursor(command.args[1], position)) {
    client.complete(request.ticket.sequence, "-ERR invalid cursor\r\n");
    return;
  }
  request.purpose = Purpose::scan;
  request.slot = position.slot;
  dispatch(request, scan_request(command, position.cursor));
}

std::uint16_t Shard::any_owned_slot() {
  for (int tries = 0; tries < 8; ++tries) {
    random_ ^= random_ << 13, random_ ^= random_ >> 17, random_ ^= random_ << 5;
    const auto slot = static_cast<std::uint16_t>(random_ % slot_count);
    if (map_.owner(slot) != no_node) return slot;
  }
  return map_.masters().empty() ? 0 : map_.first_slot_of(map_.masters().front());
}

InfoFacts Shard::facts() {
  InfoFacts facts;
  facts.version = options_.answers.version;
  facts.tcp_port = options_.answers.port;
  facts.uptime_seconds =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - started_).count());
  facts.connected_clients = client_count_;
  facts.commands = counts_.total;
  facts.redirections = counts_.moved + counts_.asked;
  facts.refreshes = refreshes();
  facts.slots_covered = map_.covered();
  const std::string reason = not_ready();
  facts.state = reason.empty() ? "ok" : reason;
  for (const NodeId id : map_.masters()) facts.masters.push_back(nodes_[id].name());
  return facts;
}

void Shard::answer_info(ClientConnection& client, std::uint64_t sequence, const Gathered& gathered) {
  std::vector<Reply> replies(gathered.parts.size());
  std::vector<std::string_view> texts;
  for (std::size_t i = 0; i < replies.size(); ++i)
    if (parse_reply(gathered.parts[i].bytes, replies[i]) && replies[i].kind == Reply::Kind::bulk)
      texts.push_back(replies[i].text);
  std::string reply;
  append_bulk(reply, merge_info(texts, gathered.sections, facts()));
  client.complete(sequence, reply);
}

void Shard::on_answered(Clock::time_point asked, bool write) { observe_(Clock::now() - asked, write); }

}  // namespace tandem::redis
