// What a node's error reply asks a cluster client to do. Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "ambassador/redis/slot_map.hpp"

namespace tandem::redis {

enum class RedirectAction : std::uint8_t {
  deliver,       // an ordinary reply: hand it to the client
  follow_moved,  // send it to `address`, which owns the slot from now on
  follow_ask,    // send ASKING and it to `address`, this once
  wait,          // the slot or the cluster is between two states: send it again in a moment
  give_up,       // redirected too often
};

struct Redirect {
  RedirectAction action = RedirectAction::deliver;
  std::uint16_t slot = 0;
  NodeAddress address;
  bool refresh = false;  // the slot map is out of date
};

inline constexpr unsigned most_redirections = 16;

// `reply`: the whole reply. `attempt`: how often this request was sent again already. A reply that begins with such an
// error says that the command was not executed, so it may always be sent again.
Redirect redirect(std::string_view reply, unsigned attempt, std::string_view same_host);

}  // namespace tandem::redis
