#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "core/config/json_text.hpp"
#include "core/config/print_yaml.hpp"
#include "core/os/error.hpp"
#include "pods/cli/commands.hpp"
#include "pods/cli/notes.hpp"
#include "pods/cli/object_table.hpp"
#include "pods/cli/print/print_pods.hpp"
#include "pods/cli/session.hpp"
#include "pods/client/revival.hpp"
#include "pods/client/running_pod.hpp"
#include "pods/client/selection.hpp"
#include "pods/supervise/client.hpp"

namespace tandem::cli {

namespace {

using Json = nlohmann::ordered_json;

struct GetOptions {
  std::vector<std::string> names;
  std::string output, selector;
  bool no_headers = false;
};

// As kubectl: one named object by itself, anything else as a List.
Json document(const client::Asked& asked, std::vector<Json> objects) {
  if (asked.names.size() == 1 && objects.size() == 1) return std::move(objects.front());
  return {{"apiVersion", "v1"}, {"kind", "List"}, {"metadata", Json::object()}, {"items", std::move(objects)}};
}

void print_processes(const Session& session, const std::vector<Json>& pods) {
  for (const auto& pod : pods) {
    try {
      const client::RunningPod running =
          client::find_running_pod(session.roots, pod["metadata"]["namespace"], pod["metadata"]["name"]);
      for (const auto& [name, pid] : supervise::processes_of(running.paths, running.plan))
        std::cout << name << ' ' << pid << '\n';
    } catch (const Error& error) {
      std::cerr << "error: " << error.what() << '\n';
    }
  }
}

void print_tables(const Session& session, const client::Asked& asked, const GetOptions& options,
                  const std::vector<Json>& objects) {
  if (objects.empty()) {
    if (asked.names.empty())
      std::cerr << "No resources found"
                << (session.all_namespaces ? "" : " in " + session.name_space_or_default() + " namespace") << ".\n";
    return;
  }
  const print::TableOptions table{options.output == "wide", options.no_headers, session.all_namespaces};
  if (asked.kind == client::Kind::pod)
    std::cout << print::pod_table(objects, table);
  else
    std::cout << object_table(asked.kind, objects, {!options.no_headers, session.all_namespaces});
}

void get(const Session& session, const GetOptions& options) {
  client::revive_pods(session.roots, notes());
  const client::Asked asked = client::parse_asked(options.names);
  const std::string space = asked.names.empty() ? session.listed_name_space() : session.name_space_or_default();
  auto [objects, errors] = client::select_objects(session.roots, asked, space, options.selector);
  for (const std::string& error : errors) std::cerr << "error: " << error << '\n';
  if (asked.kind == client::Kind::pod)
    for (const Json& pod : objects) tell_damage(session.roots, pod["metadata"]["namespace"], pod["metadata"]["name"]);
  if (options.output == "json")
    std::cout << indented_json(document(asked, std::move(objects)), 4) << '\n';
  else if (options.output == "yaml")
    std::cout << print_yaml(from_json(document(asked, std::move(objects))));
  else if (options.output == "name")
    for (const auto& object : objects)
      std::cout << client::short_name(asked.kind) << '/' << object["metadata"]["name"].get<std::string>() << '\n';
  else if (options.output == "pids")
    print_processes(session, objects);
  else
    print_tables(session, asked, options, objects);
  if (!errors.empty()) throw Exit{1};
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
