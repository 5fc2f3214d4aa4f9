#include "pods/manifest/decode_pod.hpp"

#include "pods/manifest/check_pod.hpp"
#include "pods/manifest/decode_metadata.hpp"
#include "pods/manifest/names.hpp"

namespace tandem::manifest {

namespace {

std::vector<HostAlias> decode_host_aliases(const Fields& spec) {
  std::vector<HostAlias> out;
  spec.each("hostAliases", [&](const Fields& alias) {
    HostAlias& entry = out.emplace_back();
    entry.ip = alias.required("ip");
    if (!entry.ip.empty() && !is_ip_address(entry.ip)) alias.error("ip", "\"" + entry.ip + "\" is no IP address");
    entry.hostnames = alias.texts("hostnames");
    for (std::size_t i = 0; i < entry.hostnames.size(); ++i) {
      const auto reason = why_no_dns_subdomain(entry.hostnames[i]);
      if (!reason.empty())
        alias.decoding().error(item(alias.path("hostnames"), i), "\"" + entry.hostnames[i] + "\" " + reason);
    }
  });
  return out;
}

PodSpec decode_spec(const Fields& spec) {
  PodSpec out;
  spec.each("volumes", [&](const Fields& volume) { out.volumes.push_back(decode_volume(volume)); });
  spec.each("initContainers",
            [&](const Fields& container) { out.init_containers.push_back(decode_container(container, true)); });
  spec.each("containers",
            [&](const Fields& container) { out.containers.push_back(decode_container(container, false)); });
  out.restart_policy = spec.choice("restartPolicy", "Always", {"Always", "OnFailure", "Never"});
  out.dns_policy =
      spec.choice("dnsPolicy", "ClusterFirst", {"ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"});
  out.dns = decode_dns_config(spec);
  out.termination_grace_period_seconds = spec.integer("terminationGracePeriodSeconds", 30, 0, INT32_MAX);
  if (spec.has("activeDeadlineSeconds")) {
    out.active_deadline_seconds = spec.integer("activeDeadlineSeconds", 1, 1, INT32_MAX);
  }
  out.service_account_name = spec.text("serviceAccountName", "default");
  spec.object("os").choice("name", "linux", {"linux"});
  out.host_network = spec.boolean("hostNetwork", false);
  out.host_pid = spec.boolean("hostPID", false);
  out.host_ipc = spec.boolean("hostIPC", false);
  out.security = decode_pod_security(spec);
  out.hostname = spec.text("hostname", why_no_dns_label);
  out.subdomain = spec.text("subdomain", why_no_dns_label);
  out.host_aliases = decode_host_aliases(spec);
  return out;
}

}  // namespace

DnsConfig decode_dns_config(const Fields& spec) {
  const Fields dns = spec.object("dnsConfig");
  DnsConfig out;
  out.nameservers = dns.texts("nameservers");
  for (std::size_t i = 0; i < out.nameservers.size(); ++i) {
    if (!is_ip_address(out.nameservers[i])) {
      dns.decoding().error(item(dns.path("nameservers"), i), "\"" + out.nameservers[i] + "\" is no IP address");
    }
  }
  if (out.nameservers.size() > 3) dns.error("nameservers", "must be no more than 3");
  out.searches = dns.texts("searches");
  if (out.searches.size() > 32) dns.error("searches", "must be no more than 32");
  dns.each("options", [&](const Fields& option) {
    const std::string name = option.required("name");
    out.options.emplace_back(name, option.text("value"));
  });
  return out;
}

Pod decode_pod(const Source& source, const Options& options, Problems& problems, std::set<std::string>* asked) {
  const Decoding decoding{source, problems, options.validation, asked};
  const Fields object(&source.node(), "", decoding);
  Pod pod;
  pod.source = source;
  pod.metadata = decode_metadata(object, options, why_no_dns_subdomain);
  if (!object.has("spec")) object.error("spec", "is required");
  const Fields spec = object.object("spec");
  pod.spec = decode_spec(spec);
  check_pod(pod, problems);
  return pod;
}

}  // namespace tandem::manifest
