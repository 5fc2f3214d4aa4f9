#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "core/config/print_yaml.hpp"
#include "core/os/not_found.hpp"
#include "pods/cli/commands.hpp"
#include "pods/cli/notes.hpp"
#include "pods/cli/print/print_pods.hpp"
#include "pods/cli/session.hpp"
#include "pods/client/pod_events.hpp"
#include "pods/client/revival.hpp"
#include "pods/client/running_pod.hpp"
#include "pods/client/stored_objects.hpp"

namespace tandem::cli {

namespace {

using Json = nlohmann::ordered_json;

void describe_pod(const Session& session, const Json& pod) {
  const std::string space = pod["metadata"]["namespace"], name = pod["metadata"]["name"];
  const state::PodPaths paths(session.roots, client::find_pod_id(session.roots, space, name));
  std::cout << print::describe_pod(pod, client::read_pod_events(paths, notes()));
  std::cout.flush();
  tell_damage(session.roots, space, name);
}

void describe(const Session& session, const std::vector<std::string>& words) {
  client::revive_pods(session.roots, notes());
  const std::string space = session.name_space_or_default();
  bool first = true, any_damaged = false;
  for (const auto& [kind, name] : client::parse_names(words, true)) {
    bool found = false;
    std::vector<client::Damaged> damaged;
    const auto objects = client::list_objects(session.roots, kind, space, damaged);
    for (const client::Damaged& one : damaged) {
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
      if (kind == client::Kind::pod)
        describe_pod(session, object);
      else
        std::cout << print_yaml(from_json(object));
    }
    if (!found && !name.empty())
      throw NotFound("describe", std::string(client::short_name(kind)) + "/" + name,
                     "there is none in namespace " + space);
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
