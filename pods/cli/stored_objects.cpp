#include "pods/cli/stored_objects.hpp"

#include <nlohmann/json.hpp>
#include <sstream>

#include "core/config/json_text.hpp"
#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "pods/plan/plan_json.hpp"
#include "pods/state/objects.hpp"

namespace tandem::cli {

namespace {

using Json = nlohmann::ordered_json;

void mask_secret(Json& object) {
  for (const char* field : {"data", "stringData"})
    if (object.contains(field))
      for (auto& value : object[field]) value = "***";
}

std::vector<Json> list_pods(const state::Roots& roots, const std::string& name_space) {
  std::vector<Json> pods;
  const auto spaces = name_space.empty() ? list_directory(roots.names()) : std::vector<std::string>{name_space};
  for (const auto& space : spaces) {
    for (const auto& name : list_directory(roots.names() / space)) {
      std::error_code error;
      const fs::path target = fs::read_symlink(roots.names() / space / name, error);
      if (error) continue;  // deleted while we looked
      Json pod = pod_object(state::PodPaths(roots, target.filename().string()));
      if (!pod.is_null()) pods.push_back(std::move(pod));
    }
  }
  return pods;
}

bool is_guarded(const state::PodPaths& paths) {
  return is_locked(paths.keeper_lock()) || is_locked(paths.supervisor_lock());
}

// Its last status is of a time when somebody looked.
void mark_unknown(Json& pod) {
  Json& status = pod["status"];
  if (status["phase"] == "Succeeded" || status["phase"] == "Failed") return;
  status["phase"] = "Unknown";
  status["message"] = "it has neither keeper nor supervisor; tandem get, as root, brings them back";
  for (Json& condition : status["conditions"])
    if (condition["type"] == "Ready" || condition["type"] == "ContainersReady") condition["status"] = "Unknown";
  for (const char* list : {"initContainerStatuses", "containerStatuses"})
    if (status.contains(list))
      for (Json& container : status[list]) container["ready"] = false;
}

}  // namespace

Json pod_object(const state::PodPaths& paths) {
  if (const auto status = read_file_if_exists(paths.status())) {
    Json pod = parse_ordered_json(*status);
    if (!pod.is_discarded() && !is_guarded(paths)) mark_unknown(pod);
    if (!pod.is_discarded()) return pod;
  }
  const auto plan = read_file_if_exists(paths.plan());
  if (!plan) return nullptr;
  Json pod = must_parse_json(plan::read_plan(*plan).pod_json);
  pod["status"]["phase"] = "Pending";
  return pod;
}

std::vector<Json> list_objects(const state::Roots& roots, Kind kind, const std::string& name_space) {
  if (kind == Kind::pod) return list_pods(roots, name_space);
  std::vector<Json> objects;
  for (const auto& stored : state::list_objects(roots, api_name(kind), name_space)) {
    Json object = parse_ordered_json(stored.json);
    if (object.is_discarded())
      throw Error(Fault::environment, "read stored", stored.key.kind + " " + stored.key.name, "it is damaged",
                  "apply it again");
    if (kind == Kind::secret) mask_secret(object);
    objects.push_back(std::move(object));
  }
  return objects;
}

bool matches(const Json& object, const std::string& selector) {
  const Json labels = object["metadata"].value("labels", Json::object());
  std::istringstream terms(selector);
  for (std::string term; std::getline(terms, term, ',');) {
    const std::size_t equals = term.find('=');
    if (term.empty() || equals == 0)
      throw Error(Fault::user, "read selector", selector, "not of the form key=value,key!=value,key");
    if (equals == std::string::npos) {
      if (!labels.contains(term)) return false;
      continue;
    }
    const bool wanted = term[equals - 1] != '!';
    const std::string key = term.substr(0, equals - (wanted ? 0 : 1));
    const std::string value = term.substr(equals + (term.compare(equals, 2, "==") == 0 ? 2 : 1));
    if ((labels.value(key, std::string()) == value && labels.contains(key)) != wanted) return false;
  }
  return true;
}

}  // namespace tandem::cli
