// DNS messages (RFC 1035, EDNS0 of RFC 6891): bytes to values and back. Pure and bounded; the bytes come from outside.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tandem::network::dns {

using Bytes = std::string;  // a message in wire form

// Response codes of RFC 1035, 4.1.1.
enum class Rcode : std::uint8_t {
  no_error = 0,
  format_error = 1,
  server_failure = 2,
  no_such_name = 3,
  not_implemented = 4,
  refused = 5
};

namespace type {
inline constexpr std::uint16_t a = 1, ns = 2, soa = 6, ptr = 12, aaaa = 28, srv = 33, opt = 41, any = 255;
}

inline constexpr std::size_t max_message_bytes = 65535;  // over TCP
inline constexpr std::size_t plain_udp_bytes = 512;      // over UDP without EDNS0
inline constexpr std::size_t most_udp_bytes = 4096;      // over UDP with EDNS0: clients are on our own lo

struct Header {
  std::uint16_t id = 0;
  bool response = false, authoritative = false, truncated = false, recursion_desired = false,
       recursion_available = false;
  bool checking_disabled = false;
  std::uint8_t opcode = 0;
  std::uint8_t rcode = 0;
};

// Names are lower case without the final dot, the root is ""; bytes other than letters, digits, '-' and '_' are written
// \DDD.
struct Question {
  std::string name;
  std::uint16_t type = 0, klass = 1;
  Bytes wire;  // the question as it came (case kept), to be echoed
};

struct Record {
  std::string name;
  std::uint16_t type = 0, klass = 1;
  std::uint32_t ttl = 0;
  std::string data;  // rdata, compression pointers in it not resolved
};

struct Message {
  Header header;
  std::vector<Question> questions;
  std::vector<Record> answers, authorities, additionals;
};

std::optional<Header> parse_header(std::string_view bytes);    // nullopt: shorter than 12 bytes
std::optional<Message> parse_message(std::string_view bytes);  // nullopt: malformed (pointers must point backwards)

// A request with one question, as resolvers send it.
struct Query {
  Header header;
  Question question;
  std::optional<std::uint16_t> edns_udp_bytes;  // present: the client speaks EDNS0
};
// What to do with a datagram of a client: answer `query`, or with `refusal` alone (FORMERR, NOTIMP), or, with neither,
// nothing.
struct ParsedQuery {
  std::optional<Query> query;
  std::optional<Rcode> refusal;
};
ParsedQuery parse_query(std::string_view bytes);

std::size_t udp_limit(const Query& query);  // the largest answer that the client takes over UDP

// Answers. Addresses are dotted IPv4, others are left out. Records past `limit_bytes` are left out and TC is set.
Bytes build_addresses(const Query& query, const std::vector<std::string>& addresses, std::uint32_t ttl,
                      std::size_t limit_bytes);
Bytes build_negative(const Query& query, Rcode code, const std::string& zone,
                     std::uint32_t ttl);  // with the zone's SOA
Bytes build_failure(const Query& query, Rcode code);
Bytes build_truncated(const Query& query);              // nothing but TC: ask again over TCP
Bytes build_refusal(const Header& header, Rcode code);  // for a request whose question could not be read

// A question to a server. nullopt: not a name (empty label, label past 63 bytes, name past 255).
std::optional<Bytes> build_query(std::uint16_t id, const std::string& name, std::uint16_t type);

// Changes to a message that parse_query or parse_message took, with one question.
void set_id(Bytes& message, std::uint16_t id);
void set_question(Bytes& message, const Bytes& wire);  // of the same length
// Each letter of the question's name becomes a capital where the next bit is 1.
void set_case(Bytes& message, const std::function<std::uint64_t()>& bits);
// Offers `udp_bytes` for the answer to a query that has no OPT record: lets a server that we ask over UDP on behalf of
// a client on TCP answer at length. The message must be one that parse_query took.
void offer_udp_bytes(Bytes& message, std::uint16_t udp_bytes);

}  // namespace tandem::network::dns
