#include <algorithm>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/config/json_text.hpp"
#include "core/config/print_yaml.hpp"
#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "core/os/not_found.hpp"
#include "pods/cli/commands.hpp"
#include "pods/cli/print/print_pods.hpp"
#include "pods/client/kinds.hpp"
#include "pods/client/revival.hpp"
#include "pods/client/running_pod.hpp"
#include "pods/client/session.hpp"
#include "pods/client/stored_objects.hpp"
#include "pods/supervise/client.hpp"

namespace tandem::cli {

namespace {

using Json = nlohmann::ordered_json;

// The last line of each event's name holds its count; see pods/state/events.hpp. Damaged lines are left out and said.
std::vector<Json> read_events(const state::PodPaths& paths) {
  const Json::json_pointer name("/metadata/name");
  std::vector<Json> events;
  int damaged = 0;
  std::istringstream lines;
  try {
    lines.str(read_file_if_exists(paths.events()).value_or(""));
  } catch (const Error& error) {
    std::cerr << "warning: " << error.what() << '\n';
  }
  for (std::string line; std::getline(lines, line);) {
    Json event = parse_ordered_json(line);
    if (!event.is_object() || !event.contains(name)) {
      if (!lines.eof()) ++damaged;  // else it is the last line, still being written
      continue;
    }
    const auto before =
        std::find_if(events.begin(), events.end(), [&](const Json& other) { return other.at(name) == event.at(name); });
    if (before != events.end()) events.erase(before);
    events.push_back(std::move(event));
  }
  if (damaged > 0)
    std::cerr << "warning: " << paths.events().string() << ": " << damaged << " damaged lines are left out\n";
  return events;
}

// What a supervisor could not do is an event of its own; what kept it, or its keeper, from being there is in their log.
void add_keeper_error(const state::PodPaths& paths, std::vector<Json>& events) {
  const auto error = supervise::last_keeper_error(paths);
  if (!error) return;
  for (const Json& event : events)
    if (event.value("message", "").find(error->text) != std::string::npos) return;
  events.push_back({{"type", "Warning"},
                    {"reason", "NotSupervised"},
                    {"lastTimestamp", error->time},
                    {"source", {{"component", "tandem"}}},
                    {"message", error->text}});
}

void describe_pod(const Session& session, const Json& pod) {
  const std::string space = pod["metadata"]["namespace"], name = pod["metadata"]["name"];
  const state::PodPaths paths(session.roots, find_pod_id(session.roots, space, name));
  std::vector<Json> events = read_events(paths);
  add_keeper_error(paths, events);
  std::cout << print::describe_pod(pod, events);
  std::cout.flush();
  tell_damage(session, space, name);
}

void describe(const Session& session, const std::vector<std::string>& words) {
  revive_pods(session);
  const std::string space = session.name_space_or_default();
  bool first = true, any_damaged = false;
  for (const auto& [kind, name] : parse_names(words, true)) {
    bool found = false;
    std::vector<Damaged> damaged;
    const auto objects = list_objects(session.roots, kind, space, damaged);
    for (const Damaged& one : damaged) {
      if (!name.empty() && one.name != name) continue;
      std::cerr << "error: " << one.text << '\n';
      any_damaged = found = true;
    }
    for (const auto& object : objects) {
      const std::string own = object["metadata"]["name"];
      if (!name.empty() && own != name) continue;
      if (!first) std::cout << "\n\n";
      first = false;
      found = true;
      if (kind == Kind::pod)
        describe_pod(session, object);
      else
        std::cout << print_yaml(from_json(object));
    }
    if (!found && !name.empty())
      throw NotFound("describe", std::string(short_name(kind)) + "/" + name, "there is none in namespace " + space);
  }
  if (any_damaged) throw Exit{1};
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
