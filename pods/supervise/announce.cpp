// The table of names, from Services and pods on disk.
#include <nlohmann/json.hpp>

#include "core/config/json_text.hpp"
#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "pods/plan/names.hpp"
#include "pods/state/objects.hpp"
#include "pods/supervise/client.hpp"
#include "pods/supervise/names_file.hpp"

namespace tandem::supervise {
namespace {

using Json = nlohmann::json;

std::string text_at(const Json& json, const char* pointer) {
  const Json::json_pointer place(pointer);
  return json.contains(place) && json[place].is_string() ? json[place].get<std::string>() : "";
}

plan::Labels labels_at(const Json& json, const char* pointer) {
  const Json::json_pointer place(pointer);
  plan::Labels labels;
  if (!json.contains(place) || !json[place].is_object()) return labels;
  for (const auto& [key, value] : json[place].items()) {
    if (value.is_string()) labels.emplace_back(key, value.get<std::string>());
  }
  return labels;
}

std::vector<plan::NamedService> services(const state::Roots& roots) {
  std::vector<plan::NamedService> all;
  for (const state::StoredObject& object : state::list_objects(roots, "Service")) {
    const Json json = parse_json(object.json);
    if (!json.is_object()) continue;
    plan::NamedService service;
    service.name = object.key.name;
    service.name_space = object.key.name_space;
    service.selector = labels_at(json, "/spec/selector");
    const Json::json_pointer publish("/spec/publishNotReadyAddresses");
    service.publish_not_ready_addresses = json.contains(publish) && json[publish] == true;
    all.push_back(std::move(service));
  }
  return all;
}

bool is_ready(const Json& json) {
  const Json::json_pointer place("/status/conditions");
  if (!json.contains(place) || !json[place].is_array()) return false;
  for (const Json& condition : json[place]) {
    if (text_at(condition, "/type") == "Ready") return text_at(condition, "/status") == "True";
  }
  return false;
}

std::vector<plan::NamedPod> pods(const state::Roots& roots) {
  std::vector<plan::NamedPod> all;
  for (const std::string& id : list_directory(roots.pods())) {
    const auto text = read_pod_status(state::PodPaths(roots, id));
    const Json json = parse_json(text.value_or(""));
    if (text_at(json, "/metadata/name").empty()) continue;  // none yet, or damaged
    const std::string phase = text_at(json, "/status/phase");
    if (phase == "Succeeded" || phase == "Failed") continue;
    plan::NamedPod pod;
    pod.name = text_at(json, "/metadata/name");
    pod.name_space = text_at(json, "/metadata/namespace");
    pod.labels = labels_at(json, "/metadata/labels");
    pod.address = text_at(json, "/status/podIP");
    pod.hostname = text_at(json, "/spec/hostname");
    pod.subdomain = text_at(json, "/spec/subdomain");
    pod.ready = is_ready(json) && !json.contains(Json::json_pointer("/metadata/deletionTimestamp"));
    all.push_back(std::move(pod));
  }
  return all;
}

}  // namespace

namespace {

// Under the lock: makers must not overtake each other, or the older table would be the last one written.
void make_table(const state::Roots& roots) {
  const network::Names names = plan::names_of(services(roots), pods(roots));
  if (read_names(roots) != names) write_names(roots, names);
}

fs::path lock_path(const state::Roots& roots) { return roots.run / "names.lock"; }

}  // namespace

void announce_names(const state::Roots& roots) {
  make_directories(roots.run);
  const unique_fd lock = lock_soon(lock_path(roots));
  make_table(roots);
}

bool try_announce_names(const state::Roots& roots) {
  const auto lock = try_lock_file(lock_path(roots));
  if (lock) make_table(roots);
  return lock.has_value();
}

}  // namespace tandem::supervise
