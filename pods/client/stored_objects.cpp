#include "pods/client/stored_objects.hpp"

#include <nlohmann/json.hpp>

#include "core/config/json_text.hpp"
#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "pods/client/pod_trouble.hpp"
#include "pods/plan/plan_json.hpp"
#include "pods/state/objects.hpp"
#include "pods/state/pod_state.hpp"
#include "pods/state/state_file.hpp"
#include "pods/supervise/client.hpp"

namespace tandem::client {

namespace {

using Json = nlohmann::ordered_json;

void mask_secret(Json& object) {
  for (const char* field : {"data", "stringData"})
    if (object.contains(field))
      for (auto& value : object[field]) value = "***";
}

bool is_guarded(const state::PodPaths& paths) {
  return is_locked(paths.keeper_lock()) || is_locked(paths.supervisor_lock());
}

// JSON of another shape is as damaged as none.
bool is_object_named(const Json& object, const std::string& name) {
  const Json::json_pointer at("/metadata/name");
  return object.is_object() && object.contains(at) && object.at(at) == name;
}

void mark_unknown(Json& pod, const std::string& why) {
  Json& status = pod["status"];
  status["phase"] = "Unknown";
  status["message"] = why;
  for (Json& condition : status["conditions"])
    if (condition["type"] == "Ready" || condition["type"] == "ContainersReady") condition["status"] = "Unknown";
  for (const char* list : {"initContainerStatuses", "containerStatuses"})
    if (status.contains(list))
      for (Json& container : status[list]) container["ready"] = false;
}

// What the supervisor last wrote; discarded when that is damaged, null when there is nothing yet.
Json last_status(const state::PodPaths& paths, const std::string& name) {
  const auto text = state::read_damaged_as_empty(paths.status());
  if (!text) return nullptr;
  Json pod = parse_ordered_json(*text);
  const Json::json_pointer phase("/status/phase");
  const bool is_pod = is_object_named(pod, name) && pod.contains(phase) && pod.at(phase).is_string();
  return is_pod ? pod : parse_ordered_json("");
}

// Of which no more is known.
Json named_pod(const std::string& name_space, const std::string& name) {
  return {{"apiVersion", "v1"},
          {"kind", "Pod"},
          {"metadata", {{"name", name}, {"namespace", name_space}}},
          {"status", {{"phase", "Pending"}, {"conditions", Json::array()}}}};
}

// Without a status: what was asked for.
Json planned_pod(const state::PodPaths& paths, const std::string& name_space, const std::string& name,
                 std::string& damage) {
  Json pod = Json::object();
  try {
    pod = parse_ordered_json(plan::read_pod_plan(paths).pod_json);
  } catch (const Error& error) {
    damage = error.what();
  }
  return is_object_named(pod, name) ? pod : named_pod(name_space, name);
}

// Whatever is wrong with one pod is told in its row, and ends nothing for the others.
Json pod_or_error(const state::Roots& roots, const std::string& id, const std::string& name_space,
                  const std::string& name) {
  try {
    return pod_object(roots, id, name_space, name);
  } catch (const Error& error) {
    Json pod = named_pod(name_space, name);
    mark_unknown(pod, error.what());
    return pod;
  }
}

std::vector<Json> list_pods(const state::Roots& roots, const std::string& name_space) {
  std::vector<Json> pods;
  const auto spaces = name_space.empty() ? list_directory(roots.names()) : std::vector<std::string>{name_space};
  for (const auto& space : spaces) {
    for (const auto& name : list_directory(roots.names() / space)) {
      std::error_code error;
      const fs::path target = fs::read_symlink(roots.names() / space / name, error);
      if (error) continue;  // deleted while we looked
      const std::string id = target.filename();
      const state::PodPaths paths(roots, id);
      if (state::is_there(paths.plan()) || state::is_there(state::state_path(paths)))
        pods.push_back(pod_or_error(roots, id, space, name));
    }
  }
  return pods;
}

}  // namespace

Json pod_object(const state::Roots& roots, const std::string& id, const std::string& name_space,
                const std::string& name) {
  const state::PodPaths paths(roots, id);
  std::string damage;
  Json pod = last_status(paths, name);
  const bool has_begun = !pod.is_null();
  if (pod.is_discarded()) damage = "read " + paths.status().string() + ": it is damaged";
  if (!has_begun || pod.is_discarded()) {
    pod = planned_pod(paths, name_space, name, damage);
    pod["status"] = {{"phase", "Pending"}, {"conditions", Json::array()}};
  }
  // A supervisor that had ended before can say nothing of it.
  if (const auto since = read_file_if_exists(paths.deletion()); since && !pod["metadata"].contains("deletionTimestamp"))
    pod["metadata"]["deletionTimestamp"] = *since;
  if (const std::string why = interrupted_deletion(roots, id, name_space, name); !why.empty()) {
    pod["status"]["reason"] = "DeletionInterrupted";
    pod["status"]["message"] = why;
  }
  Json& phase = pod["status"]["phase"];
  if (phase == "Succeeded" || phase == "Failed") return pod;
  // A supervisor that lives knows its Plan; one that is being started again has to read it.
  if (damage.empty() && !is_locked(paths.supervisor_lock())) planned_pod(paths, name_space, name, damage);
  if (!damage.empty()) {
    mark_unknown(pod, damage);
  } else if (has_begun && !is_guarded(paths)) {
    // Its last status is of a time when somebody looked.
    mark_unknown(pod, "it has neither keeper nor supervisor; tandem get, as root, brings them back");
  } else if (const std::string why = supervise::why_unseen(roots, id); has_begun && !why.empty()) {
    mark_unknown(pod, why);
  }
  return pod;
}

std::vector<Json> list_objects(const state::Roots& roots, Kind kind, const std::string& name_space,
                               std::vector<Damaged>& damaged) {
  if (kind == Kind::pod) return list_pods(roots, name_space);
  std::vector<Json> objects;
  for (const auto& stored : state::list_objects(roots, api_name(kind), name_space)) {
    Json object = parse_ordered_json(stored.json);
    if (!is_object_named(object, stored.key.name)) {
      damaged.push_back({stored.key.name_space, stored.key.name,
                         "read " + state::object_path(roots, stored.key).string() +
                             ": it is damaged (apply the object again, or delete it)"});
      continue;
    }
    if (kind == Kind::secret) mask_secret(object);
    objects.push_back(std::move(object));
  }
  return objects;
}

}  // namespace tandem::client
