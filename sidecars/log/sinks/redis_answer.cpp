#include "sidecars/log/sinks/redis_answer.hpp"

#include <charconv>

namespace tandem::shipper {
namespace {

struct Meaning {
  std::string_view code;
  const char* hint;  // added to what Redis says
  bool reconnect;
};

// All of them are refusals before anything is done; so the call is tried again until somebody has mended it.
constexpr Meaning meanings[] = {
    {"ASK", "the stream is moving to another node", false},
    {"TRYAGAIN", "the stream is moving to another node", false},
    {"CLUSTERDOWN", "", false},
    {"LOADING", "", false},
    {"BUSY", "", false},
    {"MASTERDOWN", "", true},
    {"READONLY", "this is a replica: address the master", true},
    {"OOM", "give it more memory, or the sink a maxLength", false},
    {"MISCONF", "", false},
    {"NOREPLICAS", "", false},
    {"WRONGTYPE", "the key of this name is no stream: rename or delete it, or name another", false},
    {"NOAUTH", "set passwordFile", true},
    {"WRONGPASS", "look at username and passwordFile", true},
    {"NOPERM", "the user needs +eval +evalsha +xadd +get +set, and the stream's and the marks' keys", true},
    {"CROSSSLOT", "", false},
};

}  // namespace

std::optional<net::Endpoint> parse_moved(std::string_view error, const net::Endpoint& asked) {
  if (!error.starts_with("MOVED ")) return std::nullopt;
  const auto space = error.rfind(' '), colon = error.rfind(':');
  if (space < 6 || colon == error.npos || colon < space) return std::nullopt;
  const std::string_view host = error.substr(space + 1, colon - space - 1), port = error.substr(colon + 1);
  net::Endpoint node;
  const auto [end, failed] = std::from_chars(port.data(), port.data() + port.size(), node.port);
  if (failed != std::errc() || end != port.data() + port.size() || node.port == 0) return std::nullopt;
  node.host = host.empty() || host == "?" ? asked.host : host;
  if (node.host.empty()) return std::nullopt;
  return node;
}

RedisAnswer judge_redis(std::string_view line, const net::Endpoint& asked) {
  if (line.starts_with(':') || line.starts_with('+')) return RedisAnswer(RedisAnswer::Kind::done);
  RedisAnswer answer(RedisAnswer::Kind::later);
  if (!line.starts_with('-')) {
    answer.reason = net::to_string(asked) + " does not speak Redis' protocol";
    answer.reconnect = true;
    return answer;
  }
  line.remove_prefix(1);
  if (line.starts_with("NOSCRIPT")) return RedisAnswer(RedisAnswer::Kind::send_script);
  if (const auto node = parse_moved(line, asked)) {
    answer.kind = RedisAnswer::Kind::moved;
    answer.node = *node;
    return answer;
  }
  answer.reason = "Redis says: " + std::string(line);
  const std::string_view code = line.substr(0, line.find(' '));
  for (const auto& meaning : meanings) {
    // An error of a command inside a script may have the script's name before it, in older versions.
    if (code != meaning.code && line.find(": -" + std::string(meaning.code) + " ") == line.npos &&
        line.find(": " + std::string(meaning.code) + " ") == line.npos)
      continue;
    if (*meaning.hint) answer.reason += std::string(" (") + meaning.hint + ")";
    answer.reconnect = meaning.reconnect;
    return answer;
  }
  answer.reconnect = code == "ERR" && line.find("Protocol error") != line.npos;
  return answer;
}

}  // namespace tandem::shipper
