#include <catch2/catch.hpp>

#include "pods/network/dns_message.hpp"
#include "pods/network/dns_wire.hpp"
#include "pods/network/ipv4.hpp"

using namespace tandem::network::dns;

namespace {

Bytes header(int questions, int answers = 0, int additionals = 0, int flags = 0x0100) {
  WireWriter out;
  for (const int number : {0x1234, flags, questions, answers, 0, additionals}) {
    out.number16(static_cast<std::uint16_t>(number));
  }
  return out.take();
}

Bytes bytes(std::initializer_list<int> values) {
  Bytes result;
  for (const int value : values) result += static_cast<char>(value);
  return result;
}

const Bytes a_in = bytes({0, 1, 0, 1});

Query query_for(const std::string& name, std::uint16_t type = type::a) {
  return *parse_query(*build_query(0x1234, name, type)).query;
}

Bytes with_opt(Bytes message, std::uint16_t udp_bytes) {
  offer_udp_bytes(message, udp_bytes);
  return message;
}

std::vector<std::string> addresses_in(const Message& message) {
  std::vector<std::string> found;
  for (const Record& record : message.answers) {
    WireReader in(record.data);
    found.push_back(tandem::network::format_ipv4(in.number32().value()));
  }
  return found;
}

}  // namespace

TEST_CASE("A resolver's question is read") {
  const auto parsed = parse_query(*build_query(0xbeef, "Redis-Cluster.default.svc.Cluster.local", type::aaaa));
  REQUIRE(parsed.query);
  CHECK(parsed.query->header.id == 0xbeef);
  CHECK(parsed.query->header.recursion_desired);
  CHECK(parsed.query->question.name == "redis-cluster.default.svc.cluster.local");
  CHECK(parsed.query->question.type == type::aaaa);
  CHECK_FALSE(parsed.query->edns_udp_bytes);
  CHECK(udp_limit(*parsed.query) == 512);
}

TEST_CASE("EDNS0 tells how much the client takes, within bounds") {
  const auto limit = [](std::uint16_t offered) {
    return udp_limit(*parse_query(with_opt(*build_query(1, "a.b", type::a), offered)).query);
  };
  CHECK(limit(1232) == 1232);
  CHECK(limit(65535) == 4096);
  CHECK(limit(10) == 512);
  CHECK(parse_query(with_opt(with_opt(*build_query(1, "a.b", type::a), 1232), 1232)).refusal == Rcode::format_error);
}

TEST_CASE("Malformed requests are refused, and what is no request gets no answer") {
  const Bytes good = *build_query(1, "a.example", type::a);
  const auto refusal = [](const Bytes& message) { return parse_query(message).refusal; };
  const auto ignored = [](const Bytes& message) {
    const auto parsed = parse_query(message);
    return !parsed.query && !parsed.refusal;
  };
  CHECK(ignored(""));
  CHECK(ignored(good.substr(0, 11)));
  CHECK(ignored(header(1, 0, 0, 0x8180) + bytes({1, 'a', 0}) + a_in));                            // an answer
  CHECK(refusal(header(1, 0, 0, 0x2800) + bytes({1, 'a', 0}) + a_in) == Rcode::not_implemented);  // UPDATE
  CHECK(refusal(header(0)) == Rcode::format_error);
  CHECK(refusal(header(2) + bytes({1, 'a', 0}) + a_in + bytes({1, 'b', 0}) + a_in) == Rcode::format_error);
  CHECK(refusal(header(65535) + bytes({1, 'a', 0}) + a_in) == Rcode::format_error);
  for (std::size_t length = 12; length < good.size(); ++length) {
    INFO(length);
    CHECK(refusal(good.substr(0, length)) == Rcode::format_error);
  }
}

TEST_CASE("Compression pointers must point backwards, so a loop ends the message") {
  const auto read = [](const Bytes& name) { return parse_message(header(1) + name + a_in); };
  CHECK_FALSE(read(bytes({0xc0, 0x0c})));              // to itself
  CHECK_FALSE(read(bytes({1, 'a', 0xc0, 0x0c})));      // to the label before it: a.a.a...
  CHECK_FALSE(read(bytes({0xc0, 0x0e, 0xc0, 0x0c})));  // forward, then back
  CHECK_FALSE(read(bytes({0xff, 0xff})));              // past the end
  CHECK_FALSE(read(bytes({1, 'a', 0xc0, 0x00})));      // into the header
  CHECK_FALSE(read(bytes({0xc0})));                    // cut off
  CHECK_FALSE(read(bytes({0x40, 'a', 0})));            // a label type that was never defined
  CHECK_FALSE(read(bytes({0x80, 'a', 0})));
}

TEST_CASE("A compressed name of an answer is read in full") {
  // x.example, then an A record for www.<pointer to "example">
  const Bytes message = header(1, 1, 0, 0x8180) + bytes({1, 'x', 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 0}) + a_in +
                        bytes({3, 'w', 'w', 'w', 0xc0, 0x0e}) + a_in + bytes({0, 0, 0, 60, 0, 4, 192, 0, 2, 7});
  const auto parsed = parse_message(message);
  REQUIRE(parsed);
  REQUIRE(parsed->answers.size() == 1);
  CHECK(parsed->answers[0].name == "www.example");
  CHECK(parsed->answers[0].ttl == 60);
  CHECK(addresses_in(*parsed) == std::vector<std::string>{"192.0.2.7"});
  for (std::size_t length = 12; length < message.size(); ++length)
    CHECK_FALSE(parse_message(message.substr(0, length)));
}

TEST_CASE("Names keep to their limits") {
  const std::string label(63, 'a');
  CHECK(build_query(1, label + "." + label + "." + label + "." + std::string(61, 'b'), type::a));
  CHECK_FALSE(build_query(1, label + "." + label + "." + label + "." + std::string(62, 'b'), type::a));
  CHECK_FALSE(build_query(1, std::string(64, 'a'), type::a));
  for (const char* wrong : {"a..b", ".a", ".", "a\\1", "a\\999", "a\\x00"}) CHECK_FALSE(build_query(1, wrong, type::a));
  // 256 bytes on the wire are too many to read as well
  Bytes long_name;
  for (int i = 0; i < 128; ++i) long_name += bytes({1, 'a'});
  CHECK_FALSE(parse_message(header(1) + long_name + bytes({0}) + a_in));
}

TEST_CASE("Unusual bytes of a label are written so that they cannot be taken for a dot") {
  const auto parsed = parse_query(header(1) + bytes({3, 'a', '.', 0, 1, 'B', 0}) + a_in);
  REQUIRE(parsed.query);
  CHECK(parsed.query->question.name == "a\\046\\000.b");
  const auto again = parse_query(*build_query(1, "a\\046\\000.b", type::a));
  REQUIRE(again.query);
  CHECK(again.query->question.name == "a\\046\\000.b");
}

TEST_CASE("An answer repeats id and question, the case of its letters kept") {
  const Bytes asked = header(1) + bytes({5, 'R', 'e', 'D', 'i', 'S', 0}) + a_in;
  const Query query = *parse_query(asked).query;
  const Bytes answer = build_addresses(query, {"10.83.0.2", "not an address", "10.83.0.3"}, 5, 512);
  CHECK(answer.substr(12, asked.size() - 12) == asked.substr(12));
  const auto read = parse_message(answer);
  REQUIRE(read);
  CHECK(read->header.id == 0x1234);
  CHECK(read->header.response);
  CHECK(read->header.authoritative);
  CHECK_FALSE(read->header.truncated);
  CHECK(addresses_in(*read) == std::vector<std::string>{"10.83.0.2", "10.83.0.3"});
  CHECK(read->answers[0].ttl == 5);
  CHECK(read->answers[0].name == "redis");
}

TEST_CASE("An answer that is too long is cut at a record and says so") {
  const std::vector<std::string> many(200, "10.83.0.2");
  const Bytes plain = build_addresses(query_for("a.b"), many, 5, 512);
  CHECK(plain.size() <= 512);
  CHECK(parse_message(plain)->header.truncated);
  CHECK(parse_message(plain)->answers.size() == (512 - 12 - 9) / 16);
  const Query edns = *parse_query(with_opt(*build_query(1, "a.b", type::a), 1232)).query;
  const Bytes longer = build_addresses(edns, many, 5, udp_limit(edns));
  CHECK(longer.size() <= 1232);
  CHECK(parse_message(longer)->additionals.size() == 1);
  const Bytes whole = build_addresses(query_for("a.b"), many, 5, max_message_bytes);
  CHECK_FALSE(parse_message(whole)->header.truncated);
  CHECK(parse_message(whole)->answers.size() == 200);
}

TEST_CASE("A negative answer brings the zone's SOA, so that it may be remembered as short as we say") {
  const auto read =
      parse_message(build_negative(query_for("x.cluster.local"), Rcode::no_such_name, "cluster.local", 5));
  REQUIRE(read);
  CHECK(read->header.rcode == 3);
  REQUIRE(read->authorities.size() == 1);
  CHECK(read->authorities[0].type == type::soa);
  CHECK(read->authorities[0].name == "cluster.local");
  CHECK(read->authorities[0].data.substr(read->authorities[0].data.size() - 4) == bytes({0, 0, 0, 5}));
}

TEST_CASE("Failures and refusals are well-formed messages") {
  const auto failure = parse_message(build_failure(query_for("a.b"), Rcode::server_failure));
  REQUIRE(failure);
  CHECK(failure->header.rcode == 2);
  CHECK(failure->questions.size() == 1);
  const auto refusal = parse_message(build_refusal(*parse_header(header(0)), Rcode::format_error));
  REQUIRE(refusal);
  CHECK(refusal->header.id == 0x1234);
  CHECK(refusal->header.rcode == 1);
}
