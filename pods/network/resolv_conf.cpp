#include <sstream>

#include "core/os/files.hpp"
#include "pods/network/network.hpp"

namespace tandem::network {

ResolvConf read_resolv_conf(const std::string& path) {
  constexpr std::size_t most = 3;  // MAXNS of resolv.conf(5): no resolver asks more
  ResolvConf conf;
  std::istringstream lines(read_file_if_exists(path, 1u << 20).value_or(""));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string keyword, word;
    if (!(words >> keyword >> word)) continue;
    if (keyword == "nameserver" && conf.nameservers.size() < most) conf.nameservers.push_back(word);
    if (keyword != "search" && keyword != "domain") continue;
    conf.searches.clear();  // resolv.conf(5): the last of them counts
    do conf.searches.push_back(word);
    while (keyword == "search" && words >> word);
  }
  return conf;
}

}  // namespace tandem::network
