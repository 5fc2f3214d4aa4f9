#include <catch2/catch.hpp>

#include "pods/network/dns_forward.hpp"

using namespace tandem::network::dns;
using namespace std::chrono_literals;

namespace {

const TimePoint start{};

// 100, 101, ... instead of random bits: an id, then the case of letters (101 is 0b1100101: "ExAmpLE.com").
std::function<std::uint64_t()> counted() {
  return [bits = std::uint64_t{100}]() mutable { return bits++; };
}

struct Asked {
  Bytes message;
  Query query;
};
Asked asked(const std::string& name, std::uint16_t id = 7) {
  Bytes message = *build_query(id, name, type::a);
  return {message, *parse_query(message).query};
}

// What a server would answer to `message`.
Bytes answer_to(const Bytes& message, Rcode code = Rcode::no_error) {
  return build_failure(*parse_query(message).query, code);
}

Client stream(std::uint64_t number) { return {number, {}}; }

Actions add(ForwardTable& table, const std::string& name, TimePoint now = start, std::uint64_t client = 1) {
  const Asked question = asked(name);
  return table.add(stream(client), question.query, question.message, now);
}

std::uint8_t rcode_of(const Bytes& message) { return parse_header(message)->rcode; }

}  // namespace

TEST_CASE("A question goes out under an id of ours and its answer comes back under the client's") {
  ForwardTable table(1, counted());
  const Actions out = add(table, "example.com", start, 42);
  REQUIRE(out.sends.size() == 1);
  CHECK(parse_header(out.sends[0].message)->id == 100);
  CHECK(out.sends[0].message.find("\7ExAmpLE\3com") != std::string::npos);
  const Actions back = table.on_answer(out.sends[0].ask, answer_to(out.sends[0].message), start);
  REQUIRE(back.replies.size() == 1);
  CHECK(back.replies[0].client.stream == 42);
  CHECK(parse_header(back.replies[0].message)->id == 7);
  CHECK(back.replies[0].message.find("\7example\3com") != std::string::npos);  // as the client wrote it
  CHECK(back.ended == std::vector<AskNumber>{out.sends[0].ask});
  CHECK(table.waiting() == 0);
  CHECK_FALSE(table.next_deadline());
}

TEST_CASE("An answer counts only at the socket of its question, under its id and with the whole question") {
  ForwardTable table(2, counted());
  const Send sent = add(table, "example.com").sends[0];
  const Send other = add(table, "example.org").sends[0];
  const auto taken = [&](AskNumber ask, const Bytes& message) {
    const Actions actions = table.on_answer(ask, message, start);
    return !actions.replies.empty() || !actions.sends.empty();
  };
  CHECK_FALSE(taken(other.ask, answer_to(sent.message)));
  CHECK_FALSE(taken(99, answer_to(sent.message)));
  Bytes other_id = answer_to(sent.message);
  set_id(other_id, 101);
  CHECK_FALSE(taken(sent.ask, other_id));
  CHECK_FALSE(taken(sent.ask, answer_to(*build_query(100, "evil.com", type::a))));
  CHECK_FALSE(taken(sent.ask, answer_to(*build_query(100, "example.com", type::aaaa))));
  CHECK_FALSE(taken(sent.ask, sent.message));  // our own question, sent back
  CHECK_FALSE(taken(sent.ask, "garbage"));
  CHECK_FALSE(taken(sent.ask, Bytes("\0\x64\x81\x83\0\0\0\0\0\0\0\0", 12)));  // NXDOMAIN, of what is not said
  CHECK(taken(sent.ask, answer_to(sent.message)));
  CHECK_FALSE(taken(sent.ask, answer_to(sent.message)));  // twice
}

TEST_CASE("A server that does not keep the case of letters is asked again over TCP, where nobody can forge an answer") {
  ForwardTable table(2, counted());
  const Send sent = add(table, "example.com", start, 0).sends[0];
  CHECK_FALSE(sent.stream);
  Bytes lower = answer_to(sent.message);
  set_case(lower, [] { return std::uint64_t{0}; });
  const Actions again = table.on_answer(sent.ask, lower, start);
  CHECK(again.replies.empty());
  CHECK(again.ended == std::vector<AskNumber>{sent.ask});
  REQUIRE(again.sends.size() == 1);
  CHECK(again.sends[0].stream);
  CHECK(again.sends[0].upstream == sent.upstream);
  lower = answer_to(again.sends[0].message);
  set_case(lower, [] { return std::uint64_t{0}; });
  CHECK(table.on_answer(again.sends[0].ask, lower, start).replies.size() == 1);
}

TEST_CASE("An answer that is cut off goes to a client on UDP as it is, and is fetched over TCP for one on TCP") {
  ForwardTable table(1, counted());
  const auto cut = [](const Send& sent) { return build_truncated(*parse_query(sent.message).query); };
  const Send datagram = add(table, "example.com", start, 0).sends[0];
  const Actions passed = table.on_answer(datagram.ask, cut(datagram), start);
  REQUIRE(passed.replies.size() == 1);
  CHECK(parse_header(passed.replies[0].message)->truncated);

  const Send first = add(table, "example.com", start, 5).sends[0];
  const Actions fetched = table.on_answer(first.ask, cut(first), start);
  REQUIRE(fetched.sends.size() == 1);
  CHECK(fetched.sends[0].stream);
  const Query whole = *parse_query(fetched.sends[0].message).query;
  const std::vector<std::string> many(100, "192.0.2.1");
  const Actions back =
      table.on_answer(fetched.sends[0].ask, build_addresses(whole, many, 60, max_message_bytes), start);
  REQUIRE(back.replies.size() == 1);
  CHECK(parse_message(back.replies[0].message)->answers.size() == 100);
}

TEST_CASE("An answer that came over TCP and is too long for a client on UDP tells it to ask over TCP, too") {
  ForwardTable table(1, counted());
  const Send first = add(table, "example.com", start, 0).sends[0];
  Bytes lower = answer_to(first.message);
  set_case(lower, [] { return std::uint64_t{0}; });
  const Send again = table.on_answer(first.ask, lower, start).sends.at(0);
  const Query whole = *parse_query(again.message).query;
  const Actions back = table.on_answer(
      again.ask, build_addresses(whole, std::vector<std::string>(100, "192.0.2.1"), 60, max_message_bytes), start);
  REQUIRE(back.replies.size() == 1);
  CHECK(back.replies[0].message.size() <= plain_udp_bytes);
  CHECK(parse_header(back.replies[0].message)->truncated);
}

TEST_CASE("Equal questions are asked once, and everybody has the answer under their own id and spelling") {
  ForwardTable table(1, counted());
  const Asked one = asked("example.com", 1), two = asked("EXAMPLE.com", 2), six = [] {
    const Bytes message = *build_query(3, "example.com", type::aaaa);
    return Asked{message, *parse_query(message).query};
  }();
  Bytes loud = two.message;
  set_case(loud, [] { return ~std::uint64_t{0}; });
  const Query loud_query = *parse_query(loud).query;
  const Send sent = table.add(stream(11), one.query, one.message, start).sends.at(0);
  CHECK(table.add(stream(12), loud_query, loud, start).sends.empty());
  CHECK(table.add(stream(13), six.query, six.message, start).sends.size() == 1);
  CHECK(table.add(stream(0), one.query, one.message, start).sends.size() == 1);  // its answer may be cut off
  const Actions back = table.on_answer(sent.ask, answer_to(sent.message), start);
  REQUIRE(back.replies.size() == 2);
  CHECK(back.replies[0].client.stream == 11);
  CHECK(parse_header(back.replies[0].message)->id == 1);
  CHECK(back.replies[1].client.stream == 12);
  CHECK(parse_header(back.replies[1].message)->id == 2);
  CHECK(back.replies[1].message.find("\7EXAMPLE\3COM") != std::string::npos);
  CHECK(table.waiting() == 2);
  CHECK(table.add(stream(14), one.query, one.message, start).sends.size() == 1);  // it is over
}

TEST_CASE("Of one question at most so many wait, and all of them hear of its failure") {
  ForwardTable table(1, counted());
  add(table, "example.com");
  for (std::size_t i = 1; i < ForwardTable::most_clients; ++i) CHECK(add(table, "example.com").replies.empty());
  CHECK(rcode_of(add(table, "example.com").replies.at(0).message) == 2);
  table.on_time(start + 2s);
  CHECK(table.on_time(start + 4s).replies.size() == ForwardTable::most_clients);
}

TEST_CASE("A server that says nothing is left for the next, and in the end it is SERVFAIL") {
  ForwardTable table(2, counted());
  add(table, "example.com");
  CHECK(table.next_deadline() == start + ForwardTable::patience);
  CHECK(table.on_time(start + 1499ms).sends.empty());
  const Actions second = table.on_time(start + 1500ms);
  REQUIRE(second.sends.size() == 1);
  CHECK(second.sends[0].upstream == 1);
  CHECK(second.ended.size() == 1);  // a late answer to the first is not taken for this one's
  CHECK(second.ended[0] != second.sends[0].ask);
  CHECK(table.on_time(start + 3s).sends.at(0).upstream == 0);
  const Actions end = table.on_time(start + 4500ms);
  REQUIRE(end.replies.size() == 1);
  CHECK(rcode_of(end.replies[0].message) == 2);
  CHECK(parse_header(end.replies[0].message)->id == 7);
  CHECK(table.waiting() == 0);
}

TEST_CASE("A single server is asked twice") {
  ForwardTable table(1, counted());
  add(table, "example.com");
  CHECK(table.on_time(start + 2s).sends.size() == 1);
  CHECK(table.on_time(start + 4s).replies.size() == 1);
}

TEST_CASE("A server that fails sends the question on, and the last one's failure is handed through") {
  ForwardTable table(2, counted());
  const Send first = add(table, "example.com").sends[0];
  const Actions second = table.on_answer(first.ask, answer_to(first.message, Rcode::server_failure), start);
  REQUIRE(second.sends.size() == 1);
  CHECK(second.sends[0].upstream == 1);
  const Actions third =
      table.on_answer(second.sends[0].ask, answer_to(second.sends[0].message, Rcode::server_failure), start);
  const Actions end =
      table.on_answer(third.sends.at(0).ask, answer_to(third.sends.at(0).message, Rcode::refused), start);
  REQUIRE(end.replies.size() == 1);
  CHECK(rcode_of(end.replies[0].message) == 5);
}

TEST_CASE("That a name does not exist is an answer, not a failure") {
  ForwardTable table(2, counted());
  const Send sent = add(table, "example.com").sends[0];
  const Actions back = table.on_answer(sent.ask, answer_to(sent.message, Rcode::no_such_name), start);
  REQUIRE(back.replies.size() == 1);
  CHECK(rcode_of(back.replies[0].message) == 3);
}

TEST_CASE("The server that answered last is asked first") {
  ForwardTable table(3, counted());
  add(table, "example.com");
  const Actions second = table.on_time(start + 2s);
  table.on_answer(second.sends[0].ask, answer_to(second.sends[0].message), start + 2s);
  CHECK(add(table, "example.org").sends[0].upstream == 1);
}

TEST_CASE("Where nobody listens the next server is asked at once, and in the end it is SERVFAIL") {
  ForwardTable table(2, counted());
  const Send first = add(table, "example.com").sends[0];
  const Actions moved = table.on_failure(first.ask, start);
  REQUIRE(moved.sends.size() == 1);
  CHECK(moved.sends[0].upstream == 1);
  CHECK(table.on_failure(first.ask, start).sends.empty());  // it is over
  const Actions back = table.on_failure(moved.sends[0].ask, start);
  REQUIRE(back.sends.size() == 1);
  CHECK(back.sends[0].upstream == 0);
  CHECK(table.on_failure(back.sends[0].ask, start).replies.size() == 1);
  CHECK(table.waiting() == 0);
}

TEST_CASE("The table is bounded: one more gets SERVFAIL at once, as does a pod without servers") {
  ForwardTable table(1, counted());
  for (std::size_t i = 0; i < ForwardTable::most_waiting; ++i)
    CHECK(add(table, "example" + std::to_string(i) + ".com").sends.size() == 1);
  const Actions full = add(table, "example.com");
  CHECK(full.sends.empty());
  REQUIRE(full.replies.size() == 1);
  CHECK(rcode_of(full.replies[0].message) == 2);
  ForwardTable lonely(0, counted());
  CHECK(rcode_of(add(lonely, "example.com").replies.at(0).message) == 2);
}
