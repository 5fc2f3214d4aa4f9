#include <sstream>

#include "core/os/files.hpp"
#include "pods/network/network.hpp"

namespace tandem::network {

std::vector<std::string> upstream_nameservers(const std::string& resolv_conf) {
  constexpr std::size_t most = 3;  // MAXNS of resolv.conf(5): no resolver asks more
  std::vector<std::string> servers;
  std::istringstream lines(read_file_if_exists(resolv_conf, 1u << 20).value_or(""));
  for (std::string line; servers.size() < most && std::getline(lines, line);) {
    std::istringstream words(line);
    std::string keyword, address;
    if (words >> keyword >> address && keyword == "nameserver") servers.push_back(address);
  }
  return servers;
}

}  // namespace tandem::network
