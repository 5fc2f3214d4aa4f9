#include <algorithm>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/config/json_text.hpp"
#include "core/config/print_yaml.hpp"
#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "pods/cli/commands.hpp"
#include "pods/cli/kinds.hpp"
#include "pods/cli/print/print_pods.hpp"
#include "pods/cli/revival.hpp"
#include "pods/cli/running_pod.hpp"
#include "pods/cli/session.hpp"
#include "pods/cli/stored_objects.hpp"

namespace tandem::cli {

namespace {

using Json = nlohmann::ordered_json;

// The last line of each event's name holds its count; see pods/state/events.hpp.
std::vector<Json> read_events(const state::PodPaths& paths) {
  std::vector<Json> events;
  std::istringstream lines(read_file_if_exists(paths.events()).value_or(""));
  for (std::string line; std::getline(lines, line);) {
    Json event = parse_ordered_json(line);
    if (event.is_discarded()) continue;  // the last line, still being written
    const auto before = std::find_if(events.begin(), events.end(), [&](const Json& other) {
      return other["metadata"]["name"] == event["metadata"]["name"];
    });
    if (before != events.end()) events.erase(before);
    events.push_back(std::move(event));
  }
  return events;
}

void describe_pod(const Session& session, const std::string& name) {
  const RunningPod pod = find_running_pod(session, name);
  std::cout << print::describe_pod(pod_object(pod.paths), read_events(pod.paths));
}

void describe(const Session& session, const std::vector<std::string>& words) {
  revive_pods(session);
  const std::string space = session.name_space_or_default();
  bool first = true;
  for (const auto& [kind, name] : parse_names(words, true)) {
    bool found = false;
    for (const auto& object : list_objects(session.roots, kind, space)) {
      const std::string own = object["metadata"]["name"];
      if (!name.empty() && own != name) continue;
      if (!first) std::cout << "\n\n";
      first = false;
      found = true;
      if (kind == Kind::pod)
        describe_pod(session, own);
      else
        std::cout << print_yaml(from_json(object));
    }
    if (!found && !name.empty())
      throw Error(Fault::user, "describe", std::string(short_name(kind)) + "/" + name,
                  "there is none in namespace " + space);
  }
}

}  // namespace

Command describe_command(const Session& session) {
  auto names = std::make_shared<std::vector<std::string>>();
  return {
      .name = "describe",
      .help = "Show one object in full, with its events: describe pod NAME",
      .options = {{.names = "names", .help = "KIND NAME..., or KIND/NAME...", .target = names.get(), .required = true}},
      .run = [&session, names] { describe(session, *names); }};
}

}  // namespace tandem::cli
