#include <catch2/catch.hpp>

#include "pods/network/dns_forward.hpp"

using namespace tandem::network::dns;
using namespace std::chrono_literals;

namespace {

const TimePoint start{};

// Ids 100, 101, ... instead of random ones.
std::function<std::uint16_t()> counted() {
  return [id = std::uint16_t{100}]() mutable { return id++; };
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
  const Actions back = table.on_answer(0, answer_to(out.sends[0].message), start);
  REQUIRE(back.replies.size() == 1);
  CHECK(back.replies[0].client.stream == 42);
  CHECK(parse_header(back.replies[0].message)->id == 7);
  CHECK(table.waiting() == 0);
  CHECK_FALSE(table.next_deadline());
}

TEST_CASE("An answer counts only from the asked server, under our id and to our question") {
  ForwardTable table(2, counted());
  const Bytes sent = add(table, "example.com").sends[0].message;
  const auto taken = [&](std::size_t upstream, const Bytes& message) {
    return !table.on_answer(upstream, message, start).replies.empty();
  };
  CHECK_FALSE(taken(1, answer_to(sent)));
  Bytes other_id = answer_to(sent);
  set_id(other_id, 101);
  CHECK_FALSE(taken(0, other_id));
  CHECK_FALSE(taken(0, answer_to(*build_query(100, "evil.com", type::a))));
  CHECK_FALSE(taken(0, answer_to(*build_query(100, "example.com", type::aaaa))));
  CHECK_FALSE(taken(0, sent));  // our own question, sent back
  CHECK_FALSE(taken(0, "garbage"));
  CHECK(taken(0, answer_to(sent)));
  CHECK_FALSE(taken(0, answer_to(sent)));  // twice
}

TEST_CASE("A server that says nothing is left for the next, and in the end it is SERVFAIL") {
  ForwardTable table(2, counted());
  add(table, "example.com");
  CHECK(table.next_deadline() == start + ForwardTable::patience);
  CHECK(table.on_time(start + 1499ms).sends.empty());
  const Actions second = table.on_time(start + 1500ms);
  REQUIRE(second.sends.size() == 1);
  CHECK(second.sends[0].upstream == 1);
  CHECK(parse_header(second.sends[0].message)->id == 101);  // a late answer to the first is not taken for this one's
  const Actions end = table.on_time(start + 3s);
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
  const Bytes first = add(table, "example.com").sends[0].message;
  const Actions second = table.on_answer(0, answer_to(first, Rcode::server_failure), start);
  REQUIRE(second.sends.size() == 1);
  CHECK(second.sends[0].upstream == 1);
  const Actions end = table.on_answer(1, answer_to(second.sends[0].message, Rcode::refused), start);
  REQUIRE(end.replies.size() == 1);
  CHECK(rcode_of(end.replies[0].message) == 5);
}

TEST_CASE("That a name does not exist is an answer, not a failure") {
  ForwardTable table(2, counted());
  const Bytes sent = add(table, "example.com").sends[0].message;
  const Actions back = table.on_answer(0, answer_to(sent, Rcode::no_such_name), start);
  REQUIRE(back.replies.size() == 1);
  CHECK(rcode_of(back.replies[0].message) == 3);
}

TEST_CASE("The server that answered last is asked first") {
  ForwardTable table(3, counted());
  add(table, "example.com");
  const Actions second = table.on_time(start + 2s);
  table.on_answer(1, answer_to(second.sends[0].message), start + 2s);
  CHECK(add(table, "example.org").sends[0].upstream == 1);
}

TEST_CASE("When nobody listens at a server all that wait for it move on at once") {
  ForwardTable table(2, counted());
  for (const char* name : {"a.example", "b.example", "c.example"}) add(table, name);
  const Actions moved = table.on_unreachable(0, start);
  CHECK(moved.sends.size() == 3);
  const Actions failed = table.on_unreachable(1, start);
  CHECK(failed.replies.size() == 3);
  CHECK(table.waiting() == 0);
}

TEST_CASE("The table is bounded: one more gets SERVFAIL at once, as does a pod without servers") {
  ForwardTable table(1, counted());
  for (std::size_t i = 0; i < ForwardTable::most_waiting; ++i) CHECK(add(table, "example.com").sends.size() == 1);
  const Actions full = add(table, "example.com");
  CHECK(full.sends.empty());
  REQUIRE(full.replies.size() == 1);
  CHECK(rcode_of(full.replies[0].message) == 2);
  ForwardTable lonely(0, counted());
  CHECK(rcode_of(add(lonely, "example.com").replies.at(0).message) == 2);
}
