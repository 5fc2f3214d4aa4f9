#include "pods/plan/etc_files.hpp"

#include "core/text/words.hpp"

namespace tandem::plan {

// The shape of kubelet's managedHostsFileContent: loopback names, the pod's own line, then the aliases.
std::string etc_hosts(const Plan& plan) {
  std::string text = "# Written by Tandem for pod " + plan.name_space + "/" + plan.name +
                     "\n"
                     "127.0.0.1\tlocalhost\n"
                     "::1\tlocalhost ip6-localhost ip6-loopback\n"
                     "fe00::0\tip6-localnet\n"
                     "fe00::0\tip6-mcastprefix\n"
                     "fe00::1\tip6-allnodes\n"
                     "fe00::2\tip6-allrouters\n";
  const std::string address = plan.network.mode == NetworkMode::none ? "127.0.0.1" : plan.network.address;
  if (!address.empty()) {
    text += address + "\t";
    if (!plan.subdomain.empty()) {
      text += plan.hostname + "." + plan.subdomain + "." + plan.name_space + ".svc.cluster.local\t";
    }
    text += plan.hostname + "\n";
  }
  for (const HostAlias& alias : plan.host_aliases) text += alias.ip + "\t" + joined(alias.hostnames, "\t") + "\n";
  return text;
}

std::string etc_hostname(const Plan& plan) { return plan.hostname + "\n"; }

std::string etc_resolv_conf(const Plan& plan) {
  std::string text;
  if (!plan.dns.searches.empty()) text += "search " + joined(plan.dns.searches, " ") + "\n";
  for (const std::string& server : plan.dns.nameservers) text += "nameserver " + server + "\n";
  if (!plan.dns.options.empty()) text += "options " + joined(plan.dns.options, " ") + "\n";
  return text;
}

}  // namespace tandem::plan
