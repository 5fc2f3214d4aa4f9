// SCAN over many masters: one cursor that says which master and where in it. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ambassador/redis/request_parser.hpp"
#include "ambassador/redis/slot_map.hpp"

namespace tandem::redis {

// The upper bits hold a slot, and its owner is the master being scanned; the lower 48 are that master's own cursor,
// which has as many bits as its hash table's size. So a cursor outlives failovers and moved slots (an element may
// then come twice or, when its slot moved to a master scanned before, not at all).
struct ScanPosition {
  std::uint16_t slot = 0;
  std::uint64_t cursor = 0;
};

bool parse_scan_cursor(std::string_view text, ScanPosition& position);
std::string format_scan_cursor(const ScanPosition& position);

std::string scan_request(const Command& command, std::uint64_t cursor);  // the same command with a node's cursor

// The first slot after `slot`'s owner's first one that belongs to a master not scanned yet: masters are scanned in
// the order of their first slot. False: it was the last.
bool next_scan_slot(const SlotMap& map, std::uint16_t slot, std::uint16_t& next);

// A node's reply with the cursor rewritten. An error or an odd reply is passed on as it is.
std::string scan_reply(std::string_view reply, const SlotMap& map, std::uint16_t slot);

}  // namespace tandem::redis
