// Writing RESP2 replies, and the small readings that many need.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tandem::redis {

void append_simple(std::string& out, std::string_view text);
void append_error(std::string& out, std::string_view text);  // "ERR ..."; line ends in it become blanks
void append_integer(std::string& out, long long number);
void append_bulk(std::string& out, std::string_view bytes);
void append_null(std::string& out);  // the null bulk string
void append_array_header(std::string& out, std::size_t items);

// An error reply's text for people: not endless, and "***" for our own secret, which a peer may repeat.
std::string readable_error(std::string_view reply, std::string_view secret);

inline constexpr std::string_view ok_reply = "+OK\r\n";

// As Redis reads integers (string2ll): the whole text, in range, a minus or nothing before it, no zero in front.
bool parse_integer(std::string_view text, long long& value);

}  // namespace tandem::redis
