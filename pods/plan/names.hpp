// Which DNS names stand for which addresses: Services and the host names below a subdomain, as in Kubernetes. Bare pod
// names do not resolve.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace tandem::plan {

using Labels = std::vector<std::pair<std::string, std::string>>;

struct NamedService {
  std::string name, name_space;
  Labels selector;
  bool publish_not_ready_addresses = false;
};

struct NamedPod {
  std::string name, name_space;
  Labels labels;
  std::string address;              // empty: none yet
  std::string hostname, subdomain;  // as in the spec; may be empty
  bool ready = false;
};

// Full names without a final dot -> addresses, sorted, each once. A Service stands for the ready pods of its namespace
// that its selector selects, or for all of them with publishNotReadyAddresses; it has its name even without an address:
// SERVICE.NAMESPACE.svc.cluster.local. Of these pods, one whose subdomain is the Service's name and that has a hostname
// is HOSTNAME.SERVICE.NAMESPACE.svc.cluster.local. The shorter forms come from resolv.conf's search list.
std::map<std::string, std::vector<std::string>> names_of(const std::vector<NamedService>& services,
                                                         const std::vector<NamedPod>& pods);

}  // namespace tandem::plan
