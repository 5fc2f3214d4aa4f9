#include "pods/manifest/check_pod.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <tuple>

namespace tandem::manifest {

namespace {

class PodCheck {
 public:
  PodCheck(const Pod& pod, Problems& problems) : pod_(pod), spec_(pod.spec), problems_(problems) {}

  void all() {
    if (spec_.containers.empty()) error("spec.containers", "at least one container is wanted");
    container_names();
    volume_names();
    for_each_container([&](const Container& container) {
      mounts(container);
      resource_refs(container);
    });
    for (const Volume& volume : spec_.volumes) {
      for (std::size_t i = 0; i < volume.downward.size(); ++i) {
        if (volume.downward[i].resource) {
          resource_ref(*volume.downward[i].resource, item(volume.path + ".downwardAPI.items", i) + ".resourceFieldRef");
        }
      }
    }
    host_ports();
    name_servers();
  }

 private:
  void error(std::string path, std::string message, std::string hint = "") {
    pod_.source.error(problems_, std::move(path), std::move(message), std::move(hint));
  }

  void for_each_container(const std::function<void(const Container&)>& see) const {
    for (const Container& container : spec_.init_containers) see(container);
    for (const Container& container : spec_.containers) see(container);
  }

  void container_names() {
    std::map<std::string, std::string> seen;
    for_each_container([&](const Container& container) {
      if (container.name.empty()) return;
      const auto [first, is_new] = seen.emplace(container.name, container.path);
      if (!is_new) error(container.path + ".name", "\"" + container.name + "\" is also the name of " + first->second);
    });
  }

  void volume_names() {
    std::map<std::string, std::string> seen;
    for (const Volume& volume : spec_.volumes) {
      if (volume.name.empty()) continue;
      const auto [first, is_new] = seen.emplace(volume.name, volume.path);
      if (!is_new) error(volume.path + ".name", "\"" + volume.name + "\" is also the name of " + first->second);
      std::set<std::string> paths;
      for (std::size_t i = 0; i < volume.items.size(); ++i) {
        if (paths.insert(volume.items[i].path).second) continue;
        error(volume.path + (volume.kind == Volume::Kind::secret ? ".secret" : ".configMap") + ".items[" +
                  std::to_string(i) + "].path",
              "\"" + volume.items[i].path + "\" is the path of two items");
      }
    }
  }

  void mounts(const Container& container) {
    std::vector<std::string> names;
    for (const Volume& volume : spec_.volumes) names.push_back(volume.name);
    std::set<std::string> targets;
    for (std::size_t i = 0; i < container.volume_mounts.size(); ++i) {
      const VolumeMount& mount = container.volume_mounts[i];
      const std::string path = item(container.path + ".volumeMounts", i);
      if (!mount.name.empty() && std::find(names.begin(), names.end(), mount.name) == names.end()) {
        const std::string near = closest(mount.name, names);
        error(path + ".name", "the pod has no volume \"" + mount.name + "\"",
              near.empty() ? "" : "did you mean \"" + near + "\"?");
      }
      if (!mount.mount_path.empty() && !targets.insert(mount.mount_path).second) {
        error(path + ".mountPath", "\"" + mount.mount_path + "\" is mounted twice");
      }
    }
  }

  void resource_refs(const Container& container) {
    for (std::size_t i = 0; i < container.env.size(); ++i) {
      if (container.env[i].resource) {
        resource_ref(*container.env[i].resource, item(container.path + ".env", i) + ".valueFrom.resourceFieldRef");
      }
    }
  }

  void resource_ref(const ResourceFieldRef& ref, const std::string& path) {
    bool found = ref.container.empty();
    for_each_container([&](const Container& container) { found = found || container.name == ref.container; });
    if (!found) error(path + ".containerName", "the pod has no container \"" + ref.container + "\"");
  }

  void host_ports() {
    std::map<std::tuple<std::string, std::string, int>, std::string> seen;
    for_each_container([&](const Container& container) {
      for (std::size_t i = 0; i < container.ports.size(); ++i) {
        const ContainerPort& port = container.ports[i];
        if (port.host_port == 0) continue;
        const std::string path = item(container.path + ".ports", i) + ".hostPort";
        const auto [first, is_new] = seen.emplace(std::tuple(port.host_ip, port.protocol, port.host_port), path);
        if (!is_new) error(path, std::to_string(port.host_port) + " is also the port of " + first->second);
        if (spec_.host_network && port.host_port != port.container_port) {
          error(path, "must be the containerPort while hostNetwork is true");
        }
      }
    });
  }

  void name_servers() {
    if (spec_.dns_policy == "None" && spec_.dns.nameservers.empty()) {
      error("spec.dnsConfig.nameservers", "at least one is wanted while dnsPolicy is None");
    }
  }

  const Pod& pod_;
  const PodSpec& spec_;
  Problems& problems_;
};

}  // namespace

void check_pod(const Pod& pod, Problems& problems) { PodCheck(pod, problems).all(); }

}  // namespace tandem::manifest
