#include "ambassador/redis/reply_text.hpp"

#include <charconv>

namespace tandem::redis {
namespace {

void append_number_line(std::string& out, char type, long long number) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out += type;
  out.append(digits, end);
  out += "\r\n";
}

}  // namespace

void append_simple(std::string& out, std::string_view text) {
  out += '+';
  out += text;
  out += "\r\n";
}

void append_error(std::string& out, std::string_view text) {
  out += '-';
  for (const char c : text) out += c == '\r' || c == '\n' ? ' ' : c;
  out += "\r\n";
}

void append_integer(std::string& out, long long number) { append_number_line(out, ':', number); }

void append_bulk(std::string& out, std::string_view bytes) {
  append_number_line(out, '$', static_cast<long long>(bytes.size()));
  out += bytes;
  out += "\r\n";
}

void append_null(std::string& out) { out += "$-1\r\n"; }

void append_array_header(std::string& out, std::size_t items) {
  append_number_line(out, '*', static_cast<long long>(items));
}

std::string readable_error(std::string_view reply, std::string_view secret) {
  constexpr std::size_t longest = 512;
  if (reply.starts_with('-')) reply.remove_prefix(1);
  if (reply.ends_with("\r\n")) reply.remove_suffix(2);
  std::string text;
  while (!reply.empty() && text.size() < longest) {
    const bool is_secret = !secret.empty() && reply.starts_with(secret);
    text += is_secret ? std::string_view("***") : reply.substr(0, 1);
    reply.remove_prefix(is_secret ? secret.size() : 1);
  }
  return reply.empty() ? text : text + "...";
}

bool parse_integer(std::string_view text, long long& value) {
  const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
  if (digits.starts_with('0') && text.size() > 1) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty();
}

}  // namespace tandem::redis
