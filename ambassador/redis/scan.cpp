#include "ambassador/redis/scan.hpp"

#include <algorithm>
#include <charconv>

#include "ambassador/redis/reply_text.hpp"

namespace tandem::redis {
namespace {

constexpr unsigned cursor_bits = 48;
constexpr std::uint64_t cursor_mask = (std::uint64_t{1} << cursor_bits) - 1;

bool parse_unsigned(std::string_view text, std::uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty();
}

}  // namespace

bool parse_scan_cursor(std::string_view text, ScanPosition& position) {
  std::uint64_t number = 0;
  if (!parse_unsigned(text, number) || number >> cursor_bits >= slot_count) return false;
  position.slot = static_cast<std::uint16_t>(number >> cursor_bits);
  position.cursor = number & cursor_mask;
  return true;
}

std::string format_scan_cursor(const ScanPosition& position) {
  return std::to_string(std::uint64_t{position.slot} << cursor_bits | (position.cursor & cursor_mask));
}

std::string scan_request(const Command& command, std::uint64_t cursor) {
  const std::string own = std::to_string(cursor);
  auto args = command.args;
  args[1] = own;
  std::string request;
  append_request(request, args);
  return request;
}

bool next_scan_slot(const SlotMap& map, std::uint16_t slot, std::uint16_t& next) {
  const auto& masters = map.masters();
  const auto here = std::find(masters.begin(), masters.end(), map.owner(slot));
  if (here == masters.end() || here + 1 == masters.end()) return false;
  next = map.first_slot_of(*(here + 1));
  return next < slot_count;
}

std::string scan_reply(std::string_view reply, const SlotMap& map, std::uint16_t slot) {
  // *2 $n CURSOR *m ...
  constexpr std::string_view head = "*2\r\n$";
  const std::size_t line = reply.find("\r\n", head.size());
  if (!reply.starts_with(head) || line == reply.npos) return std::string(reply);
  const std::size_t end = reply.find("\r\n", line + 2);
  ScanPosition position{slot, 0};
  if (end == reply.npos || !parse_unsigned(reply.substr(line + 2, end - line - 2), position.cursor))
    return std::string(reply);
  if (position.cursor > cursor_mask) return "-ERR tandem-redis: a node's SCAN cursor has more than 48 bits\r\n";
  if (position.cursor == 0 && !next_scan_slot(map, slot, position.slot)) position = {0, 0};
  std::string out = "*2\r\n";
  append_bulk(out, format_scan_cursor(position));
  out += reply.substr(end + 2);
  return out;
}

}  // namespace tandem::redis
