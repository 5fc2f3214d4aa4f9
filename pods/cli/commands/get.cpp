#include <algorithm>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "core/config/json_text.hpp"
#include "core/config/print_yaml.hpp"
#include "core/os/error.hpp"
#include "pods/cli/commands.hpp"
#include "pods/cli/object_table.hpp"
#include "pods/cli/print/print_pods.hpp"
#include "pods/client/kinds.hpp"
#include "pods/client/revival.hpp"
#include "pods/client/running_pod.hpp"
#include "pods/client/selector.hpp"
#include "pods/client/session.hpp"
#include "pods/client/stored_objects.hpp"
#include "pods/supervise/client.hpp"

namespace tandem::cli {

namespace {

using Json = nlohmann::ordered_json;

struct GetOptions {
  std::vector<std::string> names;
  std::string output, selector;
  bool no_headers = false;
};

// What was asked for: one kind, and the names of it (none: all).
struct Asked {
  Kind kind = Kind::pod;
  std::vector<std::string> names;
};

Asked parse_asked(const std::vector<std::string>& words) {
  Asked asked;
  bool first = true;
  for (const auto& [kind, name] : parse_names(words, true)) {
    if (!first && kind != asked.kind)
      throw Error(Fault::user, "get", "", "several kinds at once", "ask for one after the other");
    asked.kind = kind;
    first = false;
    if (!name.empty()) asked.names.push_back(name);
  }
  return asked;
}

// Those that were asked for; a name that is not there is said on stderr and counted.
std::vector<Json> select(const Session& session, const Asked& asked, const GetOptions& options, int& missing) {
  std::vector<Json> found;
  std::vector<Damaged> damaged;
  const std::string space = asked.names.empty() ? session.listed_name_space() : session.name_space_or_default();
  std::vector<Json> all = list_objects(session.roots, asked.kind, space, damaged);
  for (const Damaged& one : damaged) {
    if (!asked.names.empty() && std::find(asked.names.begin(), asked.names.end(), one.name) == asked.names.end())
      continue;
    std::cerr << "error: " << one.text << '\n';
    ++missing;
  }
  for (auto& object : all) {
    if (!options.selector.empty() && !matches(object, options.selector)) continue;
    found.push_back(std::move(object));
  }
  if (asked.names.empty()) return found;
  std::vector<Json> named;
  for (const auto& name : asked.names) {
    const auto at = std::find_if(found.begin(), found.end(),
                                 [&](const Json& object) { return object["metadata"]["name"] == name; });
    if (at != found.end()) {
      named.push_back(*at);
    } else {
      std::cerr << "error: " << short_name(asked.kind) << " \"" << name << "\" not found in namespace "
                << session.name_space_or_default() << '\n';
      ++missing;
    }
  }
  return named;
}

// As kubectl: one named object by itself, anything else as a List.
Json document(const Asked& asked, std::vector<Json> objects) {
  if (asked.names.size() == 1 && objects.size() == 1) return std::move(objects.front());
  return {{"apiVersion", "v1"}, {"kind", "List"}, {"metadata", Json::object()}, {"items", std::move(objects)}};
}

void print_processes(const Session& session, const std::vector<Json>& pods) {
  for (const auto& pod : pods) {
    Session in_space = session;
    in_space.name_space = pod["metadata"]["namespace"];
    try {
      const RunningPod running = find_running_pod(in_space, pod["metadata"]["name"]);
      for (const auto& [name, pid] : supervise::processes_of(running.paths, running.plan))
        std::cout << name << ' ' << pid << '\n';
    } catch (const Error& error) {
      std::cerr << "error: " << error.what() << '\n';
    }
  }
}

void print_tables(const Session& session, const Asked& asked, const GetOptions& options,
                  const std::vector<Json>& objects) {
  if (objects.empty()) {
    if (asked.names.empty())
      std::cerr << "No resources found"
                << (session.all_namespaces ? "" : " in " + session.name_space_or_default() + " namespace") << ".\n";
    return;
  }
  const print::TableOptions table{options.output == "wide", options.no_headers, session.all_namespaces};
  if (asked.kind == Kind::pod)
    std::cout << print::pod_table(objects, table);
  else
    std::cout << object_table(asked.kind, objects, {!options.no_headers, session.all_namespaces});
}

void get(const Session& session, const GetOptions& options) {
  revive_pods(session);
  const Asked asked = parse_asked(options.names);
  int missing = 0;
  std::vector<Json> objects = select(session, asked, options, missing);
  if (asked.kind == Kind::pod)
    for (const Json& pod : objects) tell_damage(session, pod["metadata"]["namespace"], pod["metadata"]["name"]);
  if (options.output == "json")
    std::cout << indented_json(document(asked, std::move(objects)), 4) << '\n';
  else if (options.output == "yaml")
    std::cout << print_yaml(from_json(document(asked, std::move(objects))));
  else if (options.output == "name")
    for (const auto& object : objects)
      std::cout << short_name(asked.kind) << '/' << object["metadata"]["name"].get<std::string>() << '\n';
  else if (options.output == "pids")
    print_processes(session, objects);
  else
    print_tables(session, asked, options, objects);
  if (missing > 0) throw Exit{1};
}

}  // namespace

Command get_command(const Session& session) {
  auto options = std::make_shared<GetOptions>();
  return {
      .name = "get",
      .help = "Show pods, configmaps, secrets, services: get pods [NAME...]",
      .options =
          {{.names = "names", .help = "KIND [NAME...], or KIND/NAME...", .target = &options->names, .required = true},
           {.names = "-o,--output",
            .help = "wide, json, yaml, name, or pids (of pods: container and process id)",
            .target = &options->output,
            .choices = {"wide", "json", "yaml", "name", "pids"}},
           {.names = "-l,--selector",
            .help = "Only objects with these labels: a=b,c!=d,e",
            .target = &options->selector},
           {.names = "--no-headers", .help = "Without the line of headings", .target = &options->no_headers}},
      .run = [&session, options] { get(session, *options); }};
}

}  // namespace tandem::cli
