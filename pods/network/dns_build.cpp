#include <algorithm>
#include <cctype>

#include "pods/network/dns_message.hpp"
#include "pods/network/dns_wire.hpp"
#include "pods/network/ipv4.hpp"

namespace tandem::network::dns {

namespace {

constexpr std::size_t flags_at = 2, questions_at = 4, answers_at = 6, authorities_at = 8, additionals_at = 10;
constexpr std::uint16_t truncated_flag = 0x0200,
                        question_pointer = 0xc00c;  // the question's name: right after the header

std::uint16_t answer_flags(const Header& asked, Rcode code, bool authoritative) {
  std::uint16_t flags = 0x8080;  // an answer; recursion is available
  flags |= static_cast<std::uint16_t>(asked.opcode << 11);
  if (authoritative) flags |= 0x0400;
  if (asked.recursion_desired) flags |= 0x0100;
  if (asked.checking_disabled) flags |= 0x0010;
  return flags | static_cast<std::uint16_t>(code);
}

WireWriter begin(const Header& asked, Rcode code, bool authoritative) {
  WireWriter out;
  out.number16(asked.id);
  out.number16(answer_flags(asked, code, authoritative));
  for (int i = 0; i < 4; ++i) out.number16(0);
  return out;
}

WireWriter begin(const Query& query, Rcode code, bool authoritative) {
  WireWriter out = begin(query.header, code, authoritative);
  out.set16(questions_at, 1);
  out.raw(query.question.wire);
  return out;
}

void write_opt(WireWriter& out, std::uint16_t udp_bytes) {
  out.byte(0);
  out.number16(type::opt);
  out.number16(udp_bytes);
  out.number32(0);
  out.number16(0);
}

Bytes finish(WireWriter out, const Query& query) {
  if (query.edns_udp_bytes) {
    write_opt(out, most_udp_bytes);
    out.set16(additionals_at, 1);
  }
  return out.take();
}

void write_address(WireWriter& out, std::uint32_t address, std::uint32_t ttl) {
  out.number16(question_pointer);
  out.number16(type::a);
  out.number16(1);
  out.number32(ttl);
  out.number16(4);
  out.number32(address);
}

// RFC 2308: resolvers keep "there is none" for as long as the SOA's last number says.
void write_soa(WireWriter& out, const std::string& zone, std::uint32_t ttl) {
  WireWriter data;
  data.name("ns.dns." + zone);
  data.name("hostmaster." + zone);
  for (const std::uint32_t number : {1u, 7200u, 1800u, 86400u, ttl}) data.number32(number);
  out.name(zone);
  out.number16(type::soa);
  out.number16(1);
  out.number32(ttl);
  out.number16(static_cast<std::uint16_t>(data.size()));
  out.raw(data.take());
}

}  // namespace

Bytes build_addresses(const Query& query, const std::vector<std::string>& addresses, std::uint32_t ttl,
                      std::size_t limit_bytes) {
  constexpr std::size_t address_bytes = 16, opt_bytes = 11;
  WireWriter out = begin(query, Rcode::no_error, true);
  const std::size_t reserved = query.edns_udp_bytes ? opt_bytes : 0;
  std::uint16_t count = 0;
  for (const std::string& text : addresses) {
    const auto address = parse_ipv4(text);
    if (!address) continue;
    if (out.size() + address_bytes + reserved > limit_bytes) {
      out.set16(flags_at, answer_flags(query.header, Rcode::no_error, true) | truncated_flag);
      break;
    }
    write_address(out, *address, ttl);
    ++count;
  }
  out.set16(answers_at, count);
  return finish(std::move(out), query);
}

Bytes build_negative(const Query& query, Rcode code, const std::string& zone, std::uint32_t ttl) {
  WireWriter out = begin(query, code, true);
  write_soa(out, zone, ttl);
  out.set16(authorities_at, 1);
  return finish(std::move(out), query);
}

Bytes build_failure(const Query& query, Rcode code) { return finish(begin(query, code, false), query); }

Bytes build_truncated(const Query& query) {
  WireWriter out = begin(query, Rcode::no_error, false);
  out.set16(flags_at, answer_flags(query.header, Rcode::no_error, false) | truncated_flag);
  return finish(std::move(out), query);
}

Bytes build_refusal(const Header& header, Rcode code) { return begin(header, code, false).take(); }

std::optional<Bytes> build_query(std::uint16_t id, const std::string& name, std::uint16_t type) {
  WireWriter out;
  out.number16(id);
  out.number16(0x0100);
  for (const std::uint16_t count : {1, 0, 0, 0}) out.number16(count);
  if (!out.name(name)) return std::nullopt;
  out.number16(type);
  out.number16(1);
  return out.take();
}

void set_id(Bytes& message, std::uint16_t id) {
  message[0] = static_cast<char>(id >> 8);
  message[1] = static_cast<char>(id);
}

void set_question(Bytes& message, const Bytes& wire) { message.replace(header_bytes, wire.size(), wire); }

void set_case(Bytes& message, const std::function<std::uint64_t()>& bits) {
  std::uint64_t word = 0;
  int left = 0;
  std::size_t at = header_bytes;
  for (std::size_t length; at < message.size() && (length = static_cast<unsigned char>(message[at])) != 0;) {
    const std::size_t end = std::min(++at + length, message.size());
    for (; at < end; ++at) {
      const auto c = static_cast<unsigned char>(message[at]);
      if (!std::isalpha(c)) continue;
      if (left == 0) {
        word = bits();
        left = 64;
      }
      message[at] = static_cast<char>(word & 1 ? std::toupper(c) : std::tolower(c));
      word >>= 1;
      --left;
    }
  }
}

void offer_udp_bytes(Bytes& message, std::uint16_t udp_bytes) {
  WireWriter out;
  out.raw(message);
  write_opt(out, udp_bytes);
  WireReader counts(message);
  counts.take(additionals_at);
  out.set16(additionals_at, static_cast<std::uint16_t>(counts.number16().value_or(0) + 1));
  message = out.take();
}

}  // namespace tandem::network::dns
