// What plan_pod has to know beyond the Pod itself. Whoever calls it looks these facts up; plan_pod touches nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/units.hpp"
#include "pods/image/store.hpp"
#include "pods/manifest/objects.hpp"

namespace tandem::plan {

struct Host {
  std::string uid;      // for the pod, RFC 4122
  std::string created;  // RFC 3339: metadata.creationTimestamp; may be empty
  std::string node_name;
  std::string address;  // the node's, status.hostIP
  Millicores cpu;       // of the node: what a container without a limit is told that it has
  Bytes memory;

  // The pod's place on the bridge; not used in host mode. An empty bridge: pods have no network but loopback.
  std::string bridge, pod_address, gateway;
  int prefix_length = 0;
  std::vector<std::string> upstream_nameservers;  // of the host, as the name server asks them
  std::vector<std::string> search_domains;        // of the host
  std::string name_server = "169.254.20.10";      // where the pod's own name server answers

  std::string cgroup_parent = "tandem";
  std::optional<std::int64_t> pids_limit = 2048;  // for each container; nullopt: none

  int lowest_oom_score_adj = -1000;  // what a container may get: above its guardians' when the kernel lowers nobody's

  // Of the manifests something could not be read: a ConfigMap or Secret that is not found may stand there.
  bool objects_unread = false;

  // Nullopt, nullptr: there is none. find_user may throw Error{input}: the image has no such user.
  std::function<std::optional<image::Image>(const std::string& name)> find_image;
  std::function<image::UserIds(const image::Image& image, const std::string& user)> find_user;
  std::function<const manifest::ConfigMap*(const std::string& name_space, const std::string& name)> find_config_map;
  std::function<const manifest::Secret*(const std::string& name_space, const std::string& name)> find_secret;
};

// "4096", or "max": no limit (the inner nullopt). The outer nullopt: neither.
std::optional<std::optional<std::int64_t>> parse_pids_limit(std::string_view text);

}  // namespace tandem::plan
