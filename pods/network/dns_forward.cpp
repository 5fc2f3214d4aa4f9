#include "pods/network/dns_forward.hpp"

#include <algorithm>

namespace tandem::network::dns {

namespace {

bool wants_another_server(std::uint8_t rcode) {
  return rcode == static_cast<std::uint8_t>(Rcode::server_failure) ||
         rcode == static_cast<std::uint8_t>(Rcode::refused) ||
         rcode == static_cast<std::uint8_t>(Rcode::not_implemented);
}

// The answer must repeat the question; some servers leave it out of an error.
bool answers(const Message& message, const Query& query) {
  if (message.questions.empty()) return message.header.rcode != 0;
  const Question& question = message.questions.front();
  return message.questions.size() == 1 && question.name == query.question.name &&
         question.type == query.question.type && question.klass == query.question.klass;
}

}  // namespace

int ForwardTable::most_tries() const {
  return upstreams_ < 2 ? 2 : static_cast<int>(std::min<std::size_t>(upstreams_, 3));
}

std::uint16_t ForwardTable::free_id() const {
  std::uint16_t id = random_id_();
  while (waiting_.contains(id)) ++id;  // at most most_waiting times
  return id;
}

Actions ForwardTable::add(const Client& client, const Query& query, Bytes message, TimePoint now) {
  Actions actions;
  if (upstreams_ == 0 || waiting_.size() >= most_waiting) {
    actions.replies.push_back({client, build_failure(query, Rcode::server_failure)});
    return actions;
  }
  const std::uint16_t id = free_id();
  set_id(message, id);
  actions.sends.push_back({preferred_, message});
  waiting_.emplace(id, Waiting{client, query, std::move(message), preferred_, 1, now + patience});
  return actions;
}

ForwardTable::Entry ForwardTable::move_to_new_id(Entry entry) {
  const std::uint16_t id = free_id();
  auto node = waiting_.extract(entry);
  node.key() = id;
  set_id(node.mapped().message, id);
  return waiting_.insert(std::move(node)).position;
}

void ForwardTable::try_next(Entry entry, TimePoint now, Actions& actions) {
  Waiting& waiting = entry->second;
  if (waiting.tries >= most_tries()) {
    actions.replies.push_back({waiting.client, build_failure(waiting.query, Rcode::server_failure)});
    waiting_.erase(entry);
    return;
  }
  // A new id, so that a late answer to the first try is not taken for one to the second.
  Waiting& next = move_to_new_id(entry)->second;
  next.upstream = (next.upstream + 1) % upstreams_;
  ++next.tries;
  next.deadline = now + patience;
  actions.sends.push_back({next.upstream, next.message});
}

Actions ForwardTable::on_answer(std::size_t upstream, std::string_view bytes, TimePoint now) {
  Actions actions;
  const auto message = parse_message(bytes);
  if (!message || !message->header.response) return actions;
  const auto entry = waiting_.find(message->header.id);
  if (entry == waiting_.end() || entry->second.upstream != upstream || !answers(*message, entry->second.query)) {
    return actions;
  }
  Waiting& waiting = entry->second;
  if (wants_another_server(message->header.rcode) && waiting.tries < most_tries()) {
    try_next(entry, now, actions);
    return actions;
  }
  Bytes answer(bytes);
  set_id(answer, waiting.query.header.id);
  actions.replies.push_back({waiting.client, std::move(answer)});
  if (!wants_another_server(message->header.rcode)) preferred_ = upstream;
  waiting_.erase(entry);
  return actions;
}

Actions ForwardTable::on_unreachable(std::size_t upstream, TimePoint now) {
  Actions actions;
  std::vector<std::uint16_t> affected;
  for (const auto& [id, waiting] : waiting_) {
    if (waiting.upstream == upstream) affected.push_back(id);
  }
  for (const std::uint16_t id : affected) try_next(waiting_.find(id), now, actions);
  return actions;
}

Actions ForwardTable::on_time(TimePoint now) {
  Actions actions;
  std::vector<std::uint16_t> late;
  for (const auto& [id, waiting] : waiting_) {
    if (waiting.deadline <= now) late.push_back(id);
  }
  for (const std::uint16_t id : late) try_next(waiting_.find(id), now, actions);
  return actions;
}

std::optional<TimePoint> ForwardTable::next_deadline() const {
  std::optional<TimePoint> earliest;
  for (const auto& [id, waiting] : waiting_) {
    if (!earliest || waiting.deadline < *earliest) earliest = waiting.deadline;
  }
  return earliest;
}

}  // namespace tandem::network::dns
