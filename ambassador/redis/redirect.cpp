#include "ambassador/redis/redirect.hpp"

#include "ambassador/redis/reply_text.hpp"

namespace tandem::redis {
namespace {

// "MOVED 3999 127.0.0.1:6381", "ASK 3999 127.0.0.1:6381"
bool read_target(std::string_view rest, std::string_view same_host, Redirect& redirect) {
  const std::size_t blank = rest.find(' ');
  long long slot = 0;
  if (blank == rest.npos || !parse_integer(rest.substr(0, blank), slot) || slot < 0 || slot >= slot_count) return false;
  redirect.slot = static_cast<std::uint16_t>(slot);
  std::string_view address = rest.substr(blank + 1);
  address = address.substr(0, address.find_first_of(" \r"));
  return parse_node_address(address, same_host, redirect.address);
}

}  // namespace

Redirect redirect(std::string_view reply, unsigned attempt, std::string_view same_host) {
  Redirect result;
  if (reply.empty() || reply[0] != '-') return result;
  const std::string_view text = reply.substr(1);
  const bool moved = text.starts_with("MOVED ");
  const bool ask = text.starts_with("ASK ");
  if (moved || ask) {
    if (!read_target(text.substr(moved ? 6 : 4), same_host, result)) return result;
    result.refresh = moved;
    result.action = attempt >= most_redirections ? RedirectAction::give_up
                    : moved                      ? RedirectAction::follow_moved
                                                 : RedirectAction::follow_ask;
  } else if (text.starts_with("TRYAGAIN")) {
    result.action = RedirectAction::wait;
  } else if (text.starts_with("CLUSTERDOWN") || text.starts_with("LOADING") || text.starts_with("MASTERDOWN")) {
    result.action = RedirectAction::wait;
    result.refresh = true;
  }
  return result;
}

}  // namespace tandem::redis
