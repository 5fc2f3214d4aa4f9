// What Redis answers to a call of the script, and what to do then. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/net/endpoint.hpp"

namespace tandem::shipper {

class RedisAnswer {
 public:
  enum class Kind {
    done,
    send_script,  // it does not know the script: the same with EVAL
    moved,        // another node has the stream: ask `node`
    later,        // try again; nothing of the call was done
  };
  RedisAnswer() = default;
  explicit RedisAnswer(Kind its_kind) : kind(its_kind) {}

  Kind kind = Kind::done;
  std::string reason;      // of later
  bool reconnect = false;  // of later: this connection is of no use any more
  net::Endpoint node;      // of moved
};

// `line` is a reply without its CR LF, of "+", "-" or ":"; `asked` is whom it came from.
RedisAnswer judge_redis(std::string_view line, const net::Endpoint& asked);

// "MOVED 3999 127.0.0.1:6381"; an empty host is the one that was asked. Nullopt: it is none.
std::optional<net::Endpoint> parse_moved(std::string_view error, const net::Endpoint& asked);

}  // namespace tandem::shipper
