#include "pods/state/directory.hpp"

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

std::map<std::string, std::vector<std::string>> gather_names(const Roots& roots) {
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

fs::path names_file(const Roots& roots) { return roots.run / "names.json"; }

void publish_names(const Roots& roots) {
  make_directories(roots.run);
  const unique_fd lock = lock_file(roots.run / "names.lock");
  const std::string text = Json(gather_names(roots)).dump() + "\n";
  if (read_file_if_exists(names_file(roots)) != text) replace_file(names_file(roots), text, 0644);
}

}  // namespace tandem::state
