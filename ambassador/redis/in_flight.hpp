// A request that was sent to a node, or waits to be.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>

#include "ambassador/redis/slot.hpp"

namespace tandem::redis {

using Clock = std::chrono::steady_clock;

// Whose request it is: a client's, by its place in the table and its generation there (the client may be gone when the
// reply comes), or one of ours.
struct Ticket {
  static constexpr std::uint32_t nobody = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t client = nobody;
  std::uint32_t generation = 0;
  std::uint64_t sequence = 0;  // of the client's requests
  std::uint32_t part = 0;      // of a request that went to several nodes
};

enum class Purpose : std::uint8_t {
  whole,     // the reply is the client's
  part,      // the reply is merged with others
  scan,      // the reply's cursor is rewritten
  asking,    // ASKING before a request: the reply is dropped
  auth,      // AUTH on connecting
  topology,  // CLUSTER INFO, NODES and SLOTS of ours
};

inline bool is_of_client(Purpose purpose) {
  return purpose == Purpose::whole || purpose == Purpose::part || purpose == Purpose::scan;
}

inline constexpr std::uint16_t no_slot = slot_count;

struct InFlight {
  Ticket ticket;
  std::uint32_t bytes = 0;       // of the request
  std::uint16_t slot = no_slot;  // where it belongs; no_slot: to this one node
  std::uint8_t attempt = 0;      // how often it was sent again
  Purpose purpose = Purpose::whole;
  bool read_only = false;
  bool answered = false;  // timed out: the reply, when it comes, is dropped
  Clock::time_point deadline{};
};

}  // namespace tandem::redis
