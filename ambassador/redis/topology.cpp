#include "ambassador/redis/topology.hpp"

#include <algorithm>

#include "ambassador/redis/reply_scanner.hpp"
#include "core/observe/log.hpp"

namespace tandem::redis {
namespace {

using namespace std::chrono_literals;

constexpr auto least_pause = 100ms;
constexpr std::size_t most_elements = 256 * 1024;  // every slot a range of its own, with a replica
constexpr net::BackoffPolicy retry_policy{100ms, 2000ms, 2};
constexpr std::string_view question = "*2\r\n$7\r\nCLUSTER\r\n$4\r\nINFO\r\n";
constexpr std::string_view nodes_question = "*2\r\n$7\r\nCLUSTER\r\n$5\r\nNODES\r\n";
constexpr std::string_view slots_question = "*2\r\n$7\r\nCLUSTER\r\n$5\r\nSLOTS\r\n";

unsigned count_slots(const std::vector<SlotRange>& ranges) {
  unsigned covered = 0;
  for (const SlotRange& range : ranges) covered += range.last - range.first + 1u;
  return covered;
}

bool is_address(const std::string& host) {
  net::error_code error;
  asio::ip::make_address(host, error);
  return !error;
}

}  // namespace

Topology::Topology(asio::io_context& io, NodeTable& nodes, TopologyOptions options, Apply apply)
    : nodes_(nodes), options_(std::move(options)), apply_(std::move(apply)), resolver_(io), backoff_(retry_policy) {
  know_seeds();
}

void Topology::know_seeds() {
  seeds_.clear();
  for (const NodeAddress& seed : options_.seeds)
    if (is_address(seed.host)) seeds_[seed] = {seed};
}

void Topology::use(TopologyOptions options) {
  const bool same = options.seeds == options_.seeds;
  options_ = std::move(options);
  if (same) return;
  know_seeds();
  members_.clear();
  others_.clear();
  candidates_.clear();
  asked_ = nullptr;
  ++question_;  // a late answer is of the old cluster
  in_round_ = false;
  next_round_ = {};
  backoff_.reset();
}

std::chrono::nanoseconds Topology::jittered(std::chrono::nanoseconds time) {
  return std::chrono::nanoseconds(static_cast<std::int64_t>(static_cast<double>(time.count()) *
                                                            std::uniform_real_distribution(0.75, 1.25)(random_)));
}

bool Topology::is_member(const NodeAddress& address) const {
  const auto has = [&](const auto& seed) { return seed.second.count(address) > 0; };
  return members_.count(address) > 0 || others_.count(address) > 0 || std::any_of(seeds_.begin(), seeds_.end(), has);
}

void Topology::refresh() { next_round_ = std::min(next_round_, last_round_ + least_pause); }

void Topology::tick(Clock::time_point now) {
  if (asked_ && now >= answer_deadline_) failed(asked_->name() + " did not say who owns the slots");
  if (!in_round_ && now >= next_round_) begin_round();
}

void Topology::add_candidates(const std::set<NodeAddress>& from) {
  std::vector<NodeAddress> fresh;
  for (const NodeAddress& address : from)
    if (std::find(candidates_.begin(), candidates_.end(), address) == candidates_.end()) fresh.push_back(address);
  std::shuffle(fresh.begin(), fresh.end(), random_);
  candidates_.insert(candidates_.begin(), fresh.begin(), fresh.end());
}

// The members in any order, then the seeds.
void Topology::begin_round() {
  in_round_ = true;
  last_round_ = Clock::now();
  best_ = {};
  candidates_.clear();
  add_candidates(members_);
  for (const auto& [seed, addresses] : seeds_) add_candidates(addresses);
  if (candidates_.empty()) resolve_seeds();
  ask_next();
}

void Topology::ask_next() {
  while (!candidates_.empty()) {
    NodeConnection& node = nodes_.at(candidates_.back());
    candidates_.pop_back();
    InFlight ask;
    ask.purpose = Purpose::topology;
    ask.ticket.sequence = ++question_;
    ask.deadline = answer_deadline_ = Clock::now() + options_.answer_timeout;
    answer_ = {};
    asked_ = &node;
    if (node.send(ask, question)) {
      ask.ticket.part = 1;
      const bool both = node.send(ask, nodes_question);
      ask.ticket.part = 2;
      if (both && node.send(ask, slots_question)) return;
    }
    asked_ = nullptr;
    last_error_ = node.last_error();
  }
  end_round();
}

void Topology::end_round() {
  in_round_ = false;
  const auto now = Clock::now();
  if (best_.covered > 0) {
    ++refreshes_;
    members_.clear();
    for (const SlotRange& range : best_.ranges) {
      members_.insert(range.master);
      members_.insert(range.replicas.begin(), range.replicas.end());
    }
    others_ = {best_.nodes.begin(), best_.nodes.end()};
    apply_(best_.ranges, best_.state_ok);
  }
  if (best_.covered == slot_count && best_.state_ok) {
    backoff_.reset();
    last_error_.clear();
    next_round_ = now + jittered(options_.period);
    return;
  }
  resolve_seeds();
  next_round_ = now + least_pause + backoff_.next();
}

void Topology::failed(std::string_view reason) {
  if (told_.worth_telling(reason, Clock::now()))
    observe::log_warning("a node does not say who owns the slots", {{"reason", reason}});
  last_error_ = reason;
  asked_ = nullptr;
  ++question_;  // a late answer is not this round's
  ask_next();
}

void Topology::on_failed(const InFlight& in_flight, std::string_view reason) {
  if (asked_ && in_flight.ticket.sequence == question_) failed(reason);
}

void Topology::on_reply(NodeConnection& node, const InFlight& in_flight, std::string_view reply) {
  if (asked_ != &node || in_flight.ticket.sequence != question_) return;
  Reply tree;
  if (!parse_reply(reply, tree, most_elements)) return failed(node.name() + " sent an odd reply");
  if (in_flight.ticket.part == 1) {  // who may not ask for it finds a node without slots a little later
    if (tree.kind == Reply::Kind::bulk) answer_.nodes = read_cluster_nodes(tree.text, node.address().host);
    return;
  }
  if (tree.kind == Reply::Kind::error) return failed(node.name() + " says: " + node.words(tree.text));
  if (in_flight.ticket.part == 0) {
    answer_.state_ok = tree.text.find("cluster_state:ok") != tree.text.npos;
    return;
  }
  if (!read_cluster_slots(tree, node.address().host, answer_.ranges))
    return failed(node.name() + " sent an odd reply to CLUSTER SLOTS");
  answer_.covered = count_slots(answer_.ranges);
  const bool good = answer_.covered == slot_count && answer_.state_ok;
  if (good || answer_.covered > best_.covered) best_ = answer_;
  if (!good)
    return failed(node.name() + (answer_.state_ok ? " knows no owner of some slots" : " says cluster_state:fail"));
  asked_ = nullptr;
  candidates_.clear();
  end_round();
}

void Topology::resolve_seeds() {
  if (resolving_ > 0) return;
  for (const NodeAddress& seed : options_.seeds) {
    if (is_address(seed.host)) continue;
    ++resolving_;
    const auto done = [this, seed, alive = std::weak_ptr(alive_)](const net::error_code& error, auto results) {
      if (alive.expired()) return;
      --resolving_;
      if (error) {
        if (members_.empty()) last_error_ = "resolve " + seed.host + ": " + error.message();
        return;
      }
      if (std::find(options_.seeds.begin(), options_.seeds.end(), seed) == options_.seeds.end()) return;
      auto& addresses = seeds_[seed];
      addresses.clear();
      for (const auto& entry : results) addresses.insert({entry.endpoint().address().to_string(), seed.port});
      if (members_.empty() && !in_round_) next_round_ = {};
    };
    resolver_.async_resolve(seed.host, "", done);
  }
}

}  // namespace tandem::redis
