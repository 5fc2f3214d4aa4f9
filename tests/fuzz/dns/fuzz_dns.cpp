// Any bytes as a client's datagram, as a stream and as a server's answer: parsing ends, and every answer of ours is
// itself a well-formed message with the client's id, within the client's limit.
#include <cstdint>
#include <cstdlib>

#include "pods/network/dns_forward.hpp"
#include "pods/network/dns_message.hpp"
#include "pods/network/dns_stream.hpp"
#include "pods/network/dns_zone.hpp"

using namespace tandem::network::dns;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

const std::map<std::string, std::vector<std::string>> names{
    {"a.cluster.local", std::vector<std::string>(100, "10.0.0.1")}, {"b.cluster.local", {}}, {"", {"10.0.0.2"}}};

void check_answer(const Query& query, const Bytes& answer) {
  const auto message = parse_message(answer);
  require(message && message->header.response && message->header.id == query.header.id);
  require(message->questions.size() == 1 && message->questions[0].name == query.question.name);
}

void as_query(std::string_view bytes) {
  const ParsedQuery parsed = parse_query(bytes);
  require(!(parsed.query && parsed.refusal));
  if (parsed.refusal) require(parse_message(build_refusal(*parse_header(bytes), *parsed.refusal)).has_value());
  if (!parsed.query) return;
  const Query& query = *parsed.query;
  if (const auto answer = answer_from(names, query, 3, udp_limit(query))) {
    check_answer(query, *answer);
    require(answer->size() <= udp_limit(query));
  }
  check_answer(query, build_failure(query, Rcode::server_failure));
  // A name that was read can be written, and reads back as the same.
  const auto again = build_query(1, query.question.name, query.question.type);
  require(again && parse_query(*again).query->question.name == query.question.name);
  Bytes message(bytes);
  ForwardTable table(1, [] { return std::uint16_t{7}; });
  const Actions actions = table.add({1, {}}, query, message, {});
  require(actions.sends.size() == 1 && parse_header(actions.sends[0].message)->id == 7);
  require(table.on_time(TimePoint{} + std::chrono::hours(1)).sends.size() == 1);
}

void as_answer(std::string_view bytes) {
  const Bytes question = *build_query(7, "example.com", type::a);
  ForwardTable table(2, [] { return std::uint16_t{7}; });
  table.add({1, {}}, *parse_query(question).query, question, {});
  table.on_answer(0, bytes, {});
}

void as_stream(std::string_view bytes) {
  Framing framing;
  framing.received(bytes);
  while (const auto message = framing.next_message()) as_query(*message);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  as_query(bytes);
  as_answer(bytes);
  as_stream(bytes);
  return 0;
}
