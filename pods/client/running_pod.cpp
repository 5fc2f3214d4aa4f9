#include "pods/client/running_pod.hpp"

#include <nlohmann/json.hpp>

#include "core/config/json_text.hpp"
#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "core/os/not_found.hpp"
#include "core/text/words.hpp"
#include "pods/plan/plan_json.hpp"
#include "pods/state/pod_state.hpp"

namespace tandem::client {

namespace {

std::string names_of(const plan::Plan& plan) {
  std::string names;
  for (const auto& container : plan.containers) names += (names.empty() ? "" : ", ") + container.name;
  return names;
}

// Empty: the pod does not say.
std::string default_container(const plan::Plan& plan) {
  const auto pod = parse_ordered_json(plan.pod_json);
  const nlohmann::ordered_json::json_pointer at("/metadata/annotations/kubectl.kubernetes.io~1default-container");
  return pod.is_object() && pod.contains(at) && pod.at(at).is_string() ? pod.at(at).get<std::string>() : "";
}

}  // namespace

std::string find_pod_id(const state::Roots& roots, const std::string& name_space, const std::string& name) {
  std::error_code error;
  const fs::path target = fs::read_symlink(roots.names() / name_space / name, error);
  if (!error) return target.filename().string();
  // What is no link, and what stands in no directory, is no pod; what we may not read may be one.
  for (const auto absent :
       {std::errc::no_such_file_or_directory, std::errc::not_a_directory, std::errc::invalid_argument})
    if (error == absent) return "";
  throw Error::from_errno("find pod", name_space + "/" + name, error.value(), "pods belong to root: run it with sudo");
}

RunningPod find_running_pod(const state::Roots& roots, const std::string& name_space, const std::string& name) {
  const std::string bare = name.substr(name.find('/') == std::string::npos ? 0 : name.find('/') + 1);
  const std::string id = find_pod_id(roots, name_space, bare);
  if (id.empty()) {
    const std::string there = joined(list_directory(roots.names() / name_space), ", ");
    throw NotFound("find pod", bare, "there is none in namespace " + name_space,
                   there.empty() ? "it has no pods; see: tandem get pods -A" : "there are: " + there);
  }
  const state::PodPaths paths(roots, id);
  return {bare, name_space, paths, plan::read_pod_plan(paths)};
}

const plan::Container& choose_container(const RunningPod& pod, const std::string& name, const Notes& say) {
  std::string wanted = name.empty() ? default_container(pod.plan) : name;
  if (wanted.empty()) {
    for (const auto& container : pod.plan.containers)
      if (wanted.empty() && container.kind == plan::ContainerKind::main) wanted = container.name;
    if (pod.plan.containers.size() > 1) say("Defaulted container \"" + wanted + "\" out of: " + names_of(pod.plan));
  }
  for (const auto& container : pod.plan.containers)
    if (container.name == wanted) return container;
  throw NotFound("find container", wanted, "pod " + pod.name + " has none of this name",
                 "it has: " + names_of(pod.plan));
}

ProcessId running_process(const RunningPod& pod, const plan::Container& container) {
  const auto record = state::read_container_record(pod.paths, container.name);
  if (record && record->phase == state::ContainerPhase::running && open_pidfd(record->process)) return record->process;
  throw Error(Fault::environment, "reach container", container.name, "it is not running",
              "see: tandem describe pod " + pod.name);
}

}  // namespace tandem::client
