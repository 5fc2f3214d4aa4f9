#include "pods/network/dns_forward.hpp"

namespace tandem::network::dns {

namespace {

bool wants_another_server(std::uint8_t rcode) {
  return rcode == static_cast<std::uint8_t>(Rcode::server_failure) ||
         rcode == static_cast<std::uint8_t>(Rcode::refused) ||
         rcode == static_cast<std::uint8_t>(Rcode::not_implemented);
}

// Two requests with one key have one answer, but for id and the case of letters.
std::string key_of(Bytes message, bool stream) {
  set_id(message, 0);
  set_case(message, [] { return std::uint64_t{0}; });
  return message + (stream ? "tcp" : "udp");
}

enum class Match { none, but_for_case, full };

Match match(const Message& answer, const Bytes& asked) {
  const auto query = parse_query(asked).query;
  if (!query || !answer.header.response || answer.header.id != query->header.id || answer.questions.size() != 1)
    return Match::none;
  const Question& question = answer.questions.front();
  if (question.wire == query->question.wire) return Match::full;
  const bool same = question.name == query->question.name && question.type == query->question.type &&
                    question.klass == query->question.klass && question.wire.size() == query->question.wire.size();
  return same ? Match::but_for_case : Match::none;
}

Bytes answer_for(const Query& query, bool stream, Bytes answer) {
  if (!stream && answer.size() > udp_limit(query)) return build_truncated(query);
  set_id(answer, query.header.id);
  set_question(answer, query.question.wire);
  return answer;
}

}  // namespace

// Resolvers of clients wait 5 s.
int ForwardTable::most_tries() const { return upstreams_ < 2 ? 2 : 3; }

Actions ForwardTable::add(const Client& client, const Query& query, Bytes message, TimePoint now) {
  Actions actions;
  std::string key = key_of(message, client.stream != 0);
  if (const auto same = by_key_.find(key); same != by_key_.end()) {
    std::vector<Asker>& askers = waiting_.at(same->second).askers;
    if (askers.size() < most_clients) {
      askers.push_back({client, query});
      return actions;
    }
  } else if (upstreams_ > 0 && waiting_.size() < most_waiting) {
    ask({{{client, query}}, std::move(key), std::move(message), preferred_, 1, false, {}}, now, actions);
    return actions;
  }
  actions.replies.push_back({client, build_failure(query, Rcode::server_failure)});
  return actions;
}

void ForwardTable::ask(Waiting waiting, TimePoint now, Actions& actions) {
  set_id(waiting.message, static_cast<std::uint16_t>(random_()));
  set_case(waiting.message, random_);
  waiting.deadline = now + patience;
  const AskNumber number = next_ask_++;
  actions.sends.push_back({number, waiting.upstream, waiting.message, waiting.stream});
  by_key_[waiting.key] = number;
  waiting_.emplace(number, std::move(waiting));
}

ForwardTable::Waiting ForwardTable::take(Entry entry, Actions& actions) {
  actions.ended.push_back(entry->first);
  Waiting waiting = std::move(entry->second);
  by_key_.erase(waiting.key);
  waiting_.erase(entry);
  return waiting;
}

void ForwardTable::try_next(Entry entry, TimePoint now, Actions& actions) {
  Waiting waiting = take(entry, actions);
  if (waiting.tries >= most_tries()) {
    for (const Asker& asker : waiting.askers)
      actions.replies.push_back({asker.client, build_failure(asker.query, Rcode::server_failure)});
    return;
  }
  waiting.upstream = (waiting.upstream + 1) % upstreams_;
  waiting.stream = false;
  ++waiting.tries;
  ask(std::move(waiting), now, actions);
}

void ForwardTable::try_stream(Entry entry, TimePoint now, Actions& actions) {
  Waiting waiting = take(entry, actions);
  waiting.stream = true;
  ask(std::move(waiting), now, actions);
}

Actions ForwardTable::on_answer(AskNumber number, std::string_view bytes, TimePoint now) {
  Actions actions;
  const auto message = parse_message(bytes);
  const auto entry = waiting_.find(number);
  if (!message || entry == waiting_.end()) return actions;
  const Waiting& waiting = entry->second;
  const Match matched = match(*message, waiting.message);
  if (matched == Match::none) return actions;
  const bool for_stream = waiting.askers.front().client.stream != 0;  // so for all of them, by the key
  if (!waiting.stream && (matched == Match::but_for_case || (message->header.truncated && for_stream))) {
    try_stream(entry, now, actions);
    return actions;
  }
  if (wants_another_server(message->header.rcode) && waiting.tries < most_tries()) {
    try_next(entry, now, actions);
    return actions;
  }
  if (!wants_another_server(message->header.rcode)) preferred_ = waiting.upstream;
  for (const Asker& asker : take(entry, actions).askers)
    actions.replies.push_back({asker.client, answer_for(asker.query, for_stream, Bytes(bytes))});
  return actions;
}

Actions ForwardTable::on_failure(AskNumber number, TimePoint now) {
  Actions actions;
  if (const auto entry = waiting_.find(number); entry != waiting_.end()) try_next(entry, now, actions);
  return actions;
}

Actions ForwardTable::on_time(TimePoint now) {
  Actions actions;
  std::vector<AskNumber> late;
  for (const auto& [number, waiting] : waiting_)
    if (waiting.deadline <= now) late.push_back(number);
  for (const AskNumber number : late) try_next(waiting_.find(number), now, actions);
  return actions;
}

std::optional<TimePoint> ForwardTable::next_deadline() const {
  std::optional<TimePoint> earliest;
  for (const auto& [number, waiting] : waiting_)
    if (!earliest || waiting.deadline < *earliest) earliest = waiting.deadline;
  return earliest;
}

}  // namespace tandem::network::dns
