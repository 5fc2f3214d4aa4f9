#include "pods/state/directory.hpp"

#include <unistd.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "pods/plan/names.hpp"
#include "pods/state/objects.hpp"

namespace tandem::state {

namespace {

using Json = nlohmann::json;

plan::Labels pairs_of(const Json& object, const char* field) {
  plan::Labels pairs;
  const auto found = object.find(field);
  if (found == object.end() || !found->is_object()) return pairs;
  for (const auto& [key, value] : found->items()) pairs.emplace_back(key, value.get<std::string>());
  return pairs;
}

plan::NamedService service_of(const ObjectKey& key, const Json& object) {
  const Json spec = object.value("spec", Json::object());
  return {key.name, key.name_space, pairs_of(spec, "selector"), spec.value("publishNotReadyAddresses", false)};
}

plan::NamedPod pod_of(const Json& object) {
  const Json& metadata = object.at("metadata");
  const Json spec = object.value("spec", Json::object()), status = object.value("status", Json::object());
  plan::NamedPod pod;
  pod.name = metadata.at("name");
  pod.name_space = metadata.value("namespace", "default");
  pod.labels = pairs_of(metadata, "labels");
  pod.hostname = spec.value("hostname", "");
  pod.subdomain = spec.value("subdomain", "");
  const std::string phase = status.value("phase", "Pending");
  if (phase != "Succeeded" && phase != "Failed") pod.address = status.value("podIP", "");
  for (const auto& condition : status.value("conditions", Json::array()))
    if (condition.value("type", "") == "Ready") pod.ready = condition.value("status", "") == "True";
  return pod;
}

}  // namespace

fs::path announcement(const Roots& roots) { return roots.run / "names.changed"; }

void announce(const Roots& roots) {
  // Another content each time, written in place: watchers watch the file itself.
  const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
  write_file(announcement(roots), std::to_string(::getpid()) + " " + std::to_string(now) + "\n", 0600);
}

std::map<std::string, std::vector<std::string>> read_names(const Roots& roots) {
  std::vector<plan::NamedService> services;
  for (const auto& stored : list_objects(roots, "Service")) {
    try {
      services.push_back(service_of(stored.key, Json::parse(stored.json)));
    } catch (const Json::exception&) {
    }
  }
  std::vector<plan::NamedPod> pods;
  for (const auto& id : list_directory(roots.pods())) {
    try {
      if (const auto status = read_file_if_exists(PodPaths(roots, id).status()))
        pods.push_back(pod_of(Json::parse(*status)));
    } catch (const Json::exception&) {
    } catch (const Error&) {
    }
  }
  return plan::names_of(services, pods);
}

}  // namespace tandem::state
