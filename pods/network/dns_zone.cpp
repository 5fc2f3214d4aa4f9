#include "pods/network/dns_zone.hpp"

#include <algorithm>

namespace tandem::network::dns {

namespace {

using Names = std::map<std::string, std::vector<std::string>>;

bool is_below(const std::string& name, const std::string& parent) {
  return name.size() > parent.size() && name.ends_with(parent) && name[name.size() - parent.size() - 1] == '.';
}

// "default.svc.cluster.local" has no records itself, but exists when a name below it does (RFC 8020).
bool exists(const Names& names, const std::string& name) {
  return names.contains(name) || name == zone ||
         std::any_of(names.begin(), names.end(), [&](const auto& entry) { return is_below(entry.first, name); });
}

}  // namespace

std::optional<Bytes> answer_from(const Names& names, const Query& query, std::size_t rotation,
                                 std::size_t limit_bytes) {
  constexpr std::uint16_t internet = 1;
  const std::string& name = query.question.name;
  const auto found = names.find(name);
  if (found == names.end() && name != zone && !is_below(name, zone)) return std::nullopt;
  if (query.question.klass != internet) return build_failure(query, Rcode::refused);
  const std::uint16_t asked = query.question.type;
  if (found != names.end() && !found->second.empty() && (asked == type::a || asked == type::any)) {
    std::vector<std::string> addresses = found->second;
    std::rotate(addresses.begin(), addresses.begin() + static_cast<std::ptrdiff_t>(rotation % addresses.size()),
                addresses.end());
    return build_addresses(query, addresses, ttl_seconds, limit_bytes);
  }
  return build_negative(query, exists(names, name) ? Rcode::no_error : Rcode::no_such_name, zone, ttl_seconds);
}

}  // namespace tandem::network::dns
