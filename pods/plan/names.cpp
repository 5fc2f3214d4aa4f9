#include "pods/plan/names.hpp"

#include <algorithm>

namespace tandem::plan {

namespace {

bool selects(const NamedService& service, const NamedPod& pod) {
  if (service.selector.empty() || service.name_space != pod.name_space) return false;
  return std::all_of(service.selector.begin(), service.selector.end(), [&](const auto& wanted) {
    return std::find(pod.labels.begin(), pod.labels.end(), wanted) != pod.labels.end();
  });
}

void add(std::vector<std::string>& addresses, const std::string& address) {
  const auto place = std::lower_bound(addresses.begin(), addresses.end(), address);
  if (place == addresses.end() || *place != address) addresses.insert(place, address);
}

}  // namespace

std::map<std::string, std::vector<std::string>> names_of(const std::vector<NamedService>& services,
                                                         const std::vector<NamedPod>& pods) {
  std::map<std::string, std::vector<std::string>> names;
  for (const NamedService& service : services) {
    const std::string full = service.name + "." + service.name_space + ".svc.cluster.local";
    names[full];
    for (const NamedPod& pod : pods) {
      if (pod.address.empty() || !selects(service, pod)) continue;
      if (!pod.ready && !service.publish_not_ready_addresses) continue;
      add(names[full], pod.address);
      if (!pod.hostname.empty() && pod.subdomain == service.name) add(names[pod.hostname + "." + full], pod.address);
    }
  }
  return names;
}

}  // namespace tandem::plan
