#include "pods/client/pod_trouble.hpp"

#include <nlohmann/json.hpp>

#include "core/config/json_text.hpp"
#include "core/os/files.hpp"
#include "pods/state/events.hpp"
#include "pods/state/pod_lock.hpp"
#include "pods/supervise/client.hpp"

namespace tandem::client {

std::vector<std::string> PodWarnings::news(const state::PodPaths& paths, const std::string& name) {
  std::vector<std::string> lines;
  for (const state::PodEvent& event : state::read_events(paths))
    if (event.warning && told_.emplace(paths.run.string(), event.name).second)
      lines.push_back("pod/" + name + ": " + event.reason + ": " + event.message);
  return lines;
}

std::string failed_containers(const state::PodPaths& paths) {
  const nlohmann::json pod = parse_json(supervise::read_pod_status(paths).value_or(""));
  if (!pod.is_object()) return "";
  std::string text;
  for (const char* list : {"/status/initContainerStatuses", "/status/containerStatuses"}) {
    for (const nlohmann::json& container : pod.value(nlohmann::json::json_pointer(list), nlohmann::json::array())) {
      const nlohmann::json end =
          container.value(nlohmann::json::json_pointer("/state/terminated"), nlohmann::json::object());
      const int code = end.value("exitCode", 0);
      if (code == 0) continue;
      const std::string reason = end.value("reason", "Error");
      text += (text.empty() ? "" : ", ") + container.value("name", "") + " exited with " + std::to_string(code) +
              (reason == "Error" ? "" : " (" + reason + ")");
    }
  }
  return text;
}

std::string last_warning(const state::PodPaths& paths) {
  std::string text;
  for (const state::PodEvent& event : state::read_events(paths))
    if (event.warning) text = event.reason + ": " + event.message;
  return text;
}

std::string interrupted_deletion(const state::Roots& roots, const std::string& id, const std::string& name_space,
                                 const std::string& name) {
  const state::PodPaths paths(roots, id);
  if (!supervise::is_being_deleted(paths) || state::is_pod_locked(roots, name_space, name)) return "";
  const std::string command = command_to_delete(name_space, name);
  if (fs::exists(paths.deletion())) return "its deletion was interrupted; " + command + " finishes it";
  // Not begun yet, by a delete that waits for the end of another pod or by `up`; or never to be.
  return supervise::is_supervised(paths) ? "" : "it was told to end, and has; " + command + " removes what is left";
}

std::string command_to_delete(const std::string& name_space, const std::string& name) {
  return "tandem delete pod " + name + (name_space == "default" ? "" : " -n " + name_space);
}

}  // namespace tandem::client
