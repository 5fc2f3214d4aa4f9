// What the planner may know of this machine, looked up once per command.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "pods/manifest/manifest.hpp"
#include "pods/network/network.hpp"
#include "pods/plan/host.hpp"
#include "pods/state/layout.hpp"

namespace tandem::client {

// Stand for what is only known when the pod is applied.
inline constexpr const char* address_later = "POD_IP";
inline constexpr const char* uid_later = "00000000-0000-4000-8000-000000000000";

class HostFacts {
 public:
  // `applied`: objects of the manifests at hand, which stand before those on disk. Both must outlive this.
  HostFacts(const state::Roots& roots, const manifest::Objects& applied);

  // For one pod. `address`: its own on the bridge. The Host refers to this object.
  plan::Host for_pod(const manifest::Pod& pod, const std::string& uid, const std::string& address);

 private:
  network::Subnet subnet_for(const std::string& address) const;
  template <class Object>
  const Object* find_object(const std::vector<Object>& applied, std::map<std::string, std::unique_ptr<Object>>& known,
                            const char* kind, const std::string& name_space, const std::string& name);

  const state::Roots& roots_;
  const manifest::Objects& applied_;
  std::map<std::string, std::unique_ptr<manifest::ConfigMap>> config_maps_;
  std::map<std::string, std::unique_ptr<manifest::Secret>> secrets_;
};

std::string new_uid();  // RFC 4122, version 4, from the kernel's random numbers
std::string host_name();

}  // namespace tandem::client
