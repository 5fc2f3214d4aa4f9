#include <algorithm>

#include "pods/network/dns_message.hpp"
#include "pods/network/dns_wire.hpp"

namespace tandem::network::dns {

namespace {

Header to_header(std::uint16_t id, std::uint16_t flags) {
  Header header;
  header.id = id;
  header.response = flags & 0x8000;
  header.opcode = static_cast<std::uint8_t>(flags >> 11 & 15);
  header.authoritative = flags & 0x0400;
  header.truncated = flags & 0x0200;
  header.recursion_desired = flags & 0x0100;
  header.recursion_available = flags & 0x0080;
  header.checking_disabled = flags & 0x0010;
  header.rcode = static_cast<std::uint8_t>(flags & 15);
  return header;
}

std::optional<Question> read_question(WireReader& in) {
  const std::size_t start = in.position();
  auto name = in.name();
  const auto type = in.number16(), klass = in.number16();
  if (!name || !type || !klass) return std::nullopt;
  return Question{std::move(*name), *type, *klass, Bytes(in.from(start))};
}

std::optional<Record> read_record(WireReader& in) {
  auto name = in.name();
  const auto type = in.number16(), klass = in.number16();
  const auto ttl = in.number32();
  const auto length = in.number16();
  if (!name || !type || !klass || !ttl || !length) return std::nullopt;
  const auto data = in.take(*length);
  if (!data) return std::nullopt;
  return Record{std::move(*name), *type, *klass, *ttl, std::string(*data)};
}

// Each element takes bytes of the message, so the counts in the header cannot make this long.
template <class Value>
bool read_all(WireReader& in, std::uint16_t count, std::optional<Value> (*read)(WireReader&),
              std::vector<Value>& values) {
  for (std::uint16_t i = 0; i < count; ++i) {
    auto value = read(in);
    if (!value) return false;
    values.push_back(std::move(*value));
  }
  return true;
}

}  // namespace

std::optional<Header> parse_header(std::string_view bytes) {
  if (bytes.size() < header_bytes) return std::nullopt;
  WireReader in(bytes);
  const auto id = in.number16(), flags = in.number16();
  return to_header(*id, *flags);
}

std::optional<Message> parse_message(std::string_view bytes) {
  const auto header = parse_header(bytes);
  if (!header || bytes.size() > max_message_bytes) return std::nullopt;
  WireReader in(bytes);
  in.take(4);
  const auto questions = in.number16(), answers = in.number16(), authorities = in.number16(),
             additionals = in.number16();
  Message message;
  message.header = *header;
  const bool complete = read_all(in, *questions, read_question, message.questions) &&
                        read_all(in, *answers, read_record, message.answers) &&
                        read_all(in, *authorities, read_record, message.authorities) &&
                        read_all(in, *additionals, read_record, message.additionals);
  return complete ? std::optional(std::move(message)) : std::nullopt;
}

ParsedQuery parse_query(std::string_view bytes) {
  const auto header = parse_header(bytes);
  if (!header || header->response) return {};  // never answer an answer: two servers would talk for ever
  if (header->opcode != 0) return {std::nullopt, Rcode::not_implemented};
  auto message = parse_message(bytes);
  if (!message || message->questions.size() != 1) return {std::nullopt, Rcode::format_error};
  Query query{message->header, std::move(message->questions.front()), std::nullopt};
  for (const Record& record : message->additionals) {
    if (record.type != type::opt) continue;
    if (query.edns_udp_bytes || !record.name.empty()) return {std::nullopt, Rcode::format_error};  // RFC 6891, 6.1.1
    query.edns_udp_bytes = record.klass;
  }
  return {std::move(query), std::nullopt};
}

std::size_t udp_limit(const Query& query) {
  return query.edns_udp_bytes ? std::clamp<std::size_t>(*query.edns_udp_bytes, plain_udp_bytes, most_udp_bytes)
                              : plain_udp_bytes;
}

}  // namespace tandem::network::dns
